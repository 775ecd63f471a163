import { connect } from '@aegis/client';
import { expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { eventually } from './harness/clock.js';
import { freePorts } from './harness/ports.js';
import { REPLICA_PROGRAM } from './harness/programs.js';
import { TestBed } from './harness/test-bed.js';

const bed = new TestBed();

interface Facts {
  readonly state: string;
  readonly nonce: string;
  readonly memberId: number | null;
}

/** As in pods: the ports are opened on an address, the members are called by name, and the record comes when all have a nonce. */
bed.scenario(
  'replicas begin before there is a record, tell their nonces, and go on once it is there',
  60_000,
  async () => {
    const folder = bed.subfolder('late-record');
    const record = join(folder, 'bootstrap.json');
    const port = await freePorts(9);
    const places = [0, 1, 2].map((at) => {
      const [client, peer, metrics] = [port + 3 * at, port + 3 * at + 1, port + 3 * at + 2];
      const name = `aegis-${at}`;
      const flags = [
        '--bootstrap',
        record,
        '--await-bootstrap',
        '--listen',
        '127.0.0.1',
        '--metrics',
        `127.0.0.1:${metrics}`,
      ];
      const start = () =>
        bed.spawn(name, [REPLICA_PROGRAM, 'start', '--data', join(folder, name), '--insecure', ...flags]);
      const facts = async (): Promise<Facts> =>
        (await fetch(`http://127.0.0.1:${metrics}/member`)).json() as Promise<Facts>;
      const ready = async (): Promise<number> => (await fetch(`http://127.0.0.1:${metrics}/readyz`)).status;
      const addresses = {
        name,
        clientAddress: `localhost:${client}`,
        peerAddress: `localhost:${peer}`,
        metricsAddress: `localhost:${metrics}`,
      };
      return { start, facts, ready, addresses };
    });

    const lives = places.map(({ start }) => start());
    const empty = await Promise.all(places.map(({ facts }) => answered(facts)));
    expect(empty.map(({ state, memberId }) => [state, memberId])).toEqual(places.map(() => ['empty', null]));
    expect(await Promise.all(places.map(({ ready }) => ready()))).toEqual([503, 503, 503]);

    // A folder that nobody has counted on yet is as it was after a crash.
    lives[0]!.signal('SIGKILL');
    await lives[0]!.ended;
    lives[0] = places[0]!.start();
    expect((await answered(places[0]!.facts)).nonce).toBe(empty[0]!.nonce);

    const members = places.map(({ addresses }, at) => ({
      id: at + 1,
      nonce: empty[at]!.nonce,
      ...addresses,
    }));
    writeFileSync(`${record}.new`, JSON.stringify({ clusterId: randomUUID(), members }));
    renameSync(`${record}.new`, record);
    await eventually('all are ready', 20_000, async () => {
      const statuses = await Promise.all(places.map(({ ready }) => ready().catch(() => 0)));
      return statuses.every((status) => status === 200) ? true : undefined;
    });
    const client = connect({ endpoints: places.map(({ addresses }) => addresses.clientAddress) });
    await client.kv.put('written', 'yes');
    await client.close();

    // A member that lost sight of the record says who it is meanwhile.
    lives[2]!.signal('SIGKILL');
    await lives[2]!.ended;
    renameSync(record, `${record}.away`);
    places[2]!.start();
    expect(await answered(places[2]!.facts)).toMatchObject({ state: 'member', memberId: 3 });
    expect(await places[2]!.ready()).toBe(503);
    renameSync(`${record}.away`, record);
    await eventually('it is ready', 20_000, async () =>
      (await places[2]!.ready().catch(() => 0)) === 200 ? true : undefined,
    );
  },
);

bed.scenario('without TLS no port is opened to the network, whatever the names say', 20_000, async () => {
  const cluster = await bed.cluster({ replicas: 1 });
  const life = cluster.replicas[0]!.start(['--listen', '0.0.0.0']);
  expect(await life.status(10_000)).toBe(64);
  expect(life.stderr.join('\n')).toMatch(/0\.0\.0\.0:\d+ is not a loopback address/);
});

function answered(facts: () => Promise<Facts>): Promise<Facts> {
  return eventually('it answers', 10_000, () => facts().catch(() => undefined));
}
