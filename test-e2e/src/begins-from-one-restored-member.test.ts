import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@aegis/client';

import { eventually } from './harness/clock.js';
import { freePorts } from './harness/ports.js';
import { REPLICA_PROGRAM } from './harness/programs.js';
import { TestBed } from './harness/test-bed.js';

const bed = new TestBed();

bed.scenario(
  'one member is restored before anything runs, the others join it, and all have what the backup held',
  150_000,
  async () => {
    const old = await bed.cluster({ replicas: 3 });
    await old.start();
    const before = old.connect();
    for (let at = 0; at < 200; at++) await before.kv.put(`key-${at}`, `value ${at}`);
    const token = await before.lock.run('lock', (hold) => hold.token);
    const folder = bed.subfolder('backups');
    const into = bed.aegis(['--endpoints', old.endpoints.join(), 'backup', 'into', folder, '--json']);
    expect(await into.status(30_000)).toBe(0);
    const { digest } = JSON.parse(into.stdout.join('')) as { digest: string };
    await old.stop();

    const root = bed.subfolder('restored');
    const port = await freePorts(9);
    const members = [0, 1, 2].map((at) => ({
      name: `new-${at}`,
      data: join(root, `volume-${at}`, 'member'),
      clientAddress: `127.0.0.1:${port + 3 * at}`,
      peerAddress: `127.0.0.1:${port + 3 * at + 1}`,
      metricsAddress: `127.0.0.1:${port + 3 * at + 2}`,
    }));
    const clusterId = randomUUID();
    const record = join(root, 'bootstrap.json');
    const recordOf = (nonce: string) => {
      const [{ data: _, ...first }] = members as [(typeof members)[0]];
      return JSON.stringify({ clusterId, members: [{ id: 1, nonce, ...first }], backup: digest });
    };
    const draft = join(root, 'draft.json');
    writeFileSync(draft, recordOf('0'.repeat(32)));

    // Killed on its way, it is begun anew.
    const report = join(root, 'report');
    writeFileSync(report, '');
    const [file] = readdirSync(folder);
    const restore = () =>
      bed.spawn('restore', [
        ...[REPLICA_PROGRAM, 'restore', '--data', members[0]!.data, '--bootstrap', draft],
        ...['--backup', join(folder, file!), '--first-member', '--report', report],
      ]);
    const killed = restore();
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
    killed.signal('SIGKILL');
    await killed.ended;
    expect(await restore().status(30_000)).toBe(0);
    const { nonce } = JSON.parse(readFileSync(report, 'utf8')) as { nonce: string };
    writeFileSync(record, recordOf(nonce));

    for (const { data } of members.slice(1)) mkdirSync(join(data, '..'), { recursive: true });
    for (const { name, data, metricsAddress } of members) {
      bed.spawn(name, [
        ...[
          REPLICA_PROGRAM,
          'start',
          '--data',
          data,
          '--bootstrap',
          record,
          '--await-bootstrap',
          '--insecure',
        ],
        ...['--metrics', metricsAddress],
      ]);
    }
    const endpoints = members.map(({ clientAddress }) => clientAddress);
    const client = connect({ endpoints });
    bed.atEnd(() => client.abandon());
    await eventually('the restored member leading alone', 20_000, () =>
      client.kv.get('key-7').then(
        (found) => (found === undefined ? undefined : true),
        () => undefined,
      ),
    );
    for (const { data: _, ...addresses } of members.slice(1)) {
      const said = await eventually(`${addresses.name} joining`, 15_000, async () => {
        const answer = await fetch(`http://${addresses.metricsAddress}/member`).catch(() => undefined);
        const member = (await answer?.json()) as { state: string; nonce: string } | undefined;
        return member?.state === 'joining' ? member : undefined;
      });
      const { memberId } = await client.cluster.addLearner({ nonce: said.nonce, ...addresses });
      await eventually(`${addresses.name} promoted`, 30_000, () =>
        client.cluster.promote(memberId).then(
          () => true,
          () => undefined,
        ),
      );
    }
    for (let at = 0; at < 200; at++)
      expect((await client.kv.get(`key-${at}`))?.value).toEqual(Buffer.from(`value ${at}`));
    expect(await client.lock.run('lock', (hold) => hold.token)).toBeGreaterThan(token + 1_000_000_000);
    const hash = bed.aegis(['--endpoints', endpoints.join(), 'hash', '--json']);
    expect(await hash.status(60_000)).toBe(0);
    expect(JSON.parse(hash.stdout.join(''))).toMatchObject({ agree: true });
  },
);
