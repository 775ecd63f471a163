import { connect } from '@aegis/client';
import { Authority, type KeyPair } from '@aegis/client/certificates';
import { expect } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';

import { eventually } from './harness/clock.js';
import { freePorts } from './harness/ports.js';
import { REPLICA_PROGRAM } from './harness/programs.js';
import { TestBed } from './harness/test-bed.js';

const bed = new TestBed();
/** The folder is looked at every 5 s. */
const TAKEN_MS = 15_000;

bed.scenario(
  'certificates and the authority are replaced without a restart, and who is connected stays so',
  90_000,
  async () => {
    const folder = bed.subfolder('tls');
    const tls = join(folder, 'tls');
    mkdirSync(tls);
    const put = (ca: string, { cert, key }: KeyPair): void => {
      for (const [name, text] of [
        ['ca.crt', ca],
        ['tls.key', key],
        ['tls.crt', cert],
      ] as const)
        writeFileSync(join(tls, name), text);
    };
    const [before, after] = [await Authority.create('one'), await Authority.create('one')];
    const replica = {
      name: 'aegis-0',
      role: 'aegis:replica',
      dnsNames: ['localhost'],
      addresses: ['127.0.0.1'],
    } as const;
    const [first, second] = [await before.issue(replica), await after.issue(replica)];
    put(before.pem.cert, first);

    const port = await freePorts(3);
    const [clientAddress, peerAddress, metricsAddress] = [0, 1, 2].map((at) => `127.0.0.1:${port + at}`);
    const data = join(folder, 'data');
    const prepared = bed.spawn('prepare', [REPLICA_PROGRAM, 'prepare', '--data', data]);
    expect(await prepared.status(10_000)).toBe(0);
    const { nonce } = JSON.parse(prepared.stdout.join('')) as { nonce: string };
    const members = [{ id: 1, nonce, name: 'aegis-0', clientAddress, peerAddress, metricsAddress }];
    const record = join(folder, 'bootstrap.json');
    writeFileSync(record, JSON.stringify({ clusterId: 'abcdef0123456789', members }));
    const life = bed.spawn('aegis-0', [
      REPLICA_PROGRAM,
      'start',
      '--data',
      data,
      '--bootstrap',
      record,
      '--tls',
      tls,
    ]);

    const clientOf = async (authority: Authority) => {
      const issued = await authority.issue({ name: 'client', role: 'aegis:client' });
      return connect({ endpoints: [clientAddress!], tls: { ca: authority.pem.cert, ...issued } });
    };
    const old = await clientOf(before);
    bed.atEnd(() => old.close());
    await eventually('it serves', 20_000, () =>
      old.kv.put('a', '1').then(
        () => true,
        () => undefined,
      ),
    );

    const facts = async (): Promise<unknown> => {
      const answer = await fetch(`http://${metricsAddress}/member`);
      return ((await answer.json()) as { tls: unknown }).tls;
    };
    const inUse = (pair: KeyPair, ...authorities: readonly Authority[]) => ({
      certificate: fingerprintOf(pair.cert),
      authorities: authorities.map(({ pem }) => fingerprintOf(pem.cert)),
    });
    expect(await facts()).toEqual(inUse(first, before));

    // A certificate without its key is not taken: it may be half of a change.
    put(before.pem.cert, { cert: second.cert, key: first.key });
    await eventually('it is told', TAKEN_MS, () =>
      life.stderr.find((line) => line.includes('new certificates are not taken')),
    );
    expect(await serialAt(port + 1, before, first)).toBe(new X509Certificate(first.cert).serialNumber);
    // It tells what it uses, not what lies there.
    expect(await facts()).toEqual(inUse(first, before));

    // Both authorities are trusted while one takes over.
    put(`${before.pem.cert}\n${after.pem.cert}\n`, second);
    const wanted = new X509Certificate(second.cert).serialNumber;
    for (const each of [port, port + 1]) {
      await eventually(`the new certificate at port ${each}`, TAKEN_MS, async () => {
        return (await serialAt(each, after, second)) === wanted ? true : undefined;
      });
    }
    expect(await facts()).toEqual(inUse(second, before, after));
    const fresh = await clientOf(after);
    bed.atEnd(() => fresh.close());
    await fresh.kv.put('b', '2');
    await old.kv.put('a', '3');

    // The old authority is trusted no more.
    put(after.pem.cert, second);
    for (const each of [port, port + 1]) {
      await eventually(`it is refused at port ${each}`, TAKEN_MS, async () => {
        return (await serialAt(each, after, first)) === undefined ? true : undefined;
      });
      expect(await serialAt(each, after, second)).toBe(wanted);
    }
    expect(await facts()).toEqual(inUse(second, after));
    await fresh.kv.put('b', '4');
    await old.kv.put('a', '5');
    expect(life.running).toBe(true);
  },
);

function fingerprintOf(cert: string): string {
  return new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();
}

/** The serial number of the certificate at a port, if a connection with the pair comes about and is kept for a moment. */
function serialAt(port: number, authority: Authority, pair: KeyPair): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = {
      host: '127.0.0.1',
      port,
      ca: authority.pem.cert,
      cert: pair.cert,
      key: pair.key,
      ALPNProtocols: ['h2'],
    };
    const socket = connectTls(options, () => {
      const { serialNumber } = socket.getPeerCertificate();
      // TLS 1.3: a refusal of the client's certificate comes after the handshake.
      setTimeout(() => {
        resolve(socket.destroyed ? undefined : serialNumber);
        socket.destroy();
      }, 200);
    });
    socket.on('error', () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}
