import { beforeAll, expect } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Authority } from '@aegis/client/certificates';

import { freePorts } from './harness/ports.js';
import { TestBed } from './harness/test-bed.js';
import { UpCluster, type UpStatus } from './harness/up.js';

const bed = new TestBed();
let first: UpCluster;
let member: UpStatus['members'][number];
/** Certificates of an authority that the cluster does not know. */
const strange = join(bed.folder, 'strange');
beforeAll(async () => {
  first = await UpCluster.start(bed, 'first', 1);
  member = (await first.status()).members[0]!;
  const authority = await Authority.create('another-cluster');
  const { cert, key } = await authority.issue({ name: 'stranger', role: 'aegis:client' });
  mkdirSync(strange);
  for (const [file, text] of [
    ['ca.crt', authority.pem.cert],
    ['tls.crt', cert],
    ['tls.key', key],
  ] as const)
    writeFileSync(join(strange, file), text);
}, 120_000);

/** What a command says that reaches for this endpoint, and its exit status. */
async function reaching(endpoint: string, folder: string | undefined, ...command: string[]): Promise<string> {
  const tls = folder === undefined ? [] : ['--tls', folder];
  const ran = bed.aegis([...command, '--endpoints', endpoint, ...tls, '--timeout', '3s'], {
    AEGIS_DIR: join(bed.folder, 'none'),
  });
  return `${await ran.status(30_000)} ${ran.stderr.join(' ')}`;
}

bed.scenario('a wrong endpoint or certificate: each says what to do next', 240_000, async () => {
  const nothing = `127.0.0.1:${await freePorts(1)}`;
  const own = join(first.folder, 'tls', 'client');
  const cases: [what: string, endpoint: string, tls: string | undefined, says: RegExp][] = [
    ['no certificate', member.address, undefined, /it may want TLS/],
    ['a port of metrics', member.metrics, own, /No TLS is spoken there/],
    ['another cluster', member.address, strange, /certificates are of different authorities/],
    ['nothing', nothing, own, /Nothing listens there/],
    ['a name', 'no-such-host.invalid:4410', own, /name is not known on this machine/],
  ];
  for (const [what, endpoint, tls, says] of cases) {
    for (const command of [['status'], ['lease', 'list']]) {
      const said = await reaching(endpoint, tls, ...command);
      expect(`${what}, ${command.join(' ')}: ${said}`).toMatch(new RegExp(`: 3 .*${says.source}`));
    }
  }
  expect(await reaching(member.address, own, 'transfer-leader')).toMatch(
    /1 .*PERMISSION_DENIED\]\. That takes an admin's certificate/,
  );
});

bed.scenario('a cluster that is stopped: how it is started', 60_000, async () => {
  await first.run('down');
  for (const command of [['status'], ['lock', 'a', '--timeout', '2s', '--', 'true']]) {
    const ran = first.aegis(...command);
    expect(await ran.status(30_000)).toBe(3);
    expect(ran.stderr.join(' ')).toContain(`is stopped. Start it with: aegis up --dir ${first.folder}`);
  }
});
