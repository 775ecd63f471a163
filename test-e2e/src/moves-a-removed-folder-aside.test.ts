import { expect } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { eventually } from './harness/clock.js';
import type { Replica } from './harness/replica.js';
import { TestBed } from './harness/test-bed.js';

const bed = new TestBed();
const MOVE_ASIDE = ['--when-removed', 'move-aside'];

function setAside({ dataPath }: Replica): string[] {
  return readdirSync(dirname(dataPath)).filter((name) => name.startsWith(`${basename(dataPath)}.removed-`));
}

bed.scenario(
  'a removed member moves its folder aside and joins with a new one, in the same process, as often as it is removed',
  120_000,
  async () => {
    const cluster = await bed.cluster({ replicas: 3, flags: MOVE_ASIDE });
    await cluster.start();
    const client = cluster.connect();
    await client.kv.put('kept', 'value');
    const place = cluster.replica(3);
    const life = place.process;
    const identity = (folder: string) =>
      JSON.parse(readFileSync(join(folder, 'identity.json'), 'utf8')) as { nonce: string; memberId?: number };
    const firstNonce = identity(place.dataPath).nonce;

    for (const round of [1, 2]) {
      const gone = place.id;
      const before = identity(place.dataPath).nonce;
      await client.cluster.remove(gone);
      const nonce = await place.joining();
      expect(nonce).not.toBe(before);
      const [aside, ...more] = setAside(place);
      expect(more).toEqual([]);
      expect(aside).toMatch(new RegExp(`removed-${gone}-\\d{8}T\\d{6}Z$`));
      expect(identity(join(dirname(place.dataPath), aside!))).toMatchObject({
        memberId: gone,
        nonce: before,
      });

      const { name, peerAddress, clientAddress, metricsAddress } = place.member;
      const { memberId } = await client.cluster.addLearner({
        ...{ nonce, name, peerAddress, clientAddress, metricsAddress },
      });
      place.became(memberId);
      await eventually(`round ${round}: promoted`, 20_000, () =>
        client.cluster.promote(memberId).then(
          () => true,
          () => undefined,
        ),
      );
      await cluster.settled();
      expect(identity(place.dataPath)).toMatchObject({ nonce, memberId });
    }
    expect(place.process).toBe(life);
    expect(life.running).toBe(true);
    expect((await client.kv.get('kept'))?.value).toEqual(Buffer.from('value'));

    // A folder that only waited, and was removed before it began.
    const newcomer = await cluster.newcomer('aegis-4');
    newcomer.start();
    const nonce = await newcomer.joining();
    await newcomer.kill();
    const { peerAddress, clientAddress, metricsAddress } = newcomer.member;
    const { memberId } = await client.cluster.addLearner({
      ...{ nonce, name: 'aegis-4', peerAddress, clientAddress, metricsAddress },
    });
    await client.cluster.remove(memberId);
    newcomer.start();
    await eventually('a nonce that was never removed', 20_000, async () => {
      const now = await newcomer.joining();
      return now === nonce ? undefined : true;
    });
    expect(setAside(newcomer)).toHaveLength(1);

    // Asked to end while it waits, it ends; and so does the member, with its place in order.
    newcomer.signal('SIGTERM');
    await newcomer.process.ended;
    place.signal('SIGTERM');
    expect(await place.process.status(15_000)).toBe(0);
    expect(identity(place.dataPath).nonce).not.toBe(firstNonce);
    await cluster.stop();
  },
);

bed.scenario(
  'one refusal is no removal: without a quorum that says so, the folder stays',
  60_000,
  async () => {
    const cluster = await bed.cluster({ replicas: 5, flags: MOVE_ASIDE });
    await cluster.start();
    const client = cluster.connect();
    const leader = (await cluster.leader()).replica;
    const [victim, ...others] = cluster.replicas.filter(({ id }) => id !== leader.id);
    await victim!.kill();
    await client.cluster.remove(victim!.id);
    // Of those that it knows as voters, itself among them, the leader and one more are no majority of five.
    await others[1]!.kill();
    await others[2]!.kill();
    const life = victim!.start();
    await new Promise((resolve) => {
      setTimeout(resolve, 6_000);
    });
    expect(life.running).toBe(true);
    expect(setAside(victim!)).toEqual([]);
    // A third one that says so is.
    others[1]!.start();
    await victim!.joining(20_000);
    expect(setAside(victim!)).toHaveLength(1);
    await cluster.stop();
  },
);
