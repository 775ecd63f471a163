import { expect, jest, test } from '@jest/globals';
import type { Command, Result } from '@aegis/proto/replica/command';
import { AlarmKind } from '@aegis/proto/v1/alarm';
import { ErrorCode } from '@aegis/proto/v1/error';

import type { Divergence } from '../server/scrub/events.js';
import type { StateMachine } from '../state/index.js';
import { SimulatedCluster, type SimulatedMember } from './simulated-cluster.js';

const grant = (lease: string): Command => ({
  call: undefined,
  op: { $case: 'leaseGrant', value: { lease, ttlMs: 3_600_000 } },
});

// Thousands of simulated turns each: a busy machine takes its time.
jest.setTimeout(120_000);

/** What a cluster has said of the states of its members. */
class Scene {
  readonly cluster: SimulatedCluster;
  readonly diverged = new Map<number, Divergence>();
  readonly agreed = { chained: new Set<number>(), contents: new Set<number>() };
  readonly mismatches: string[] = [];
  readonly corrupt: string[] = [];
  #leases = 0;

  private constructor(size: number, seed: number) {
    this.cluster = new SimulatedCluster(size, seed, {
      applied: () => {},
      leading: () => {},
      integrity: (member) => ({
        agreed: (kind, index) => this.agreed[kind].add(index),
        mismatch: (kind, index) => this.mismatches.push(`${kind} ${index}`),
        corrupt: (kind, index) => this.corrupt.push(`${kind} ${index}`),
        diverged: (found) => {
          this.diverged.set(member, found);
          this.cluster.kill(this.member(member));
        },
      }),
    });
  }

  static async of(size: number, seed: number): Promise<Scene> {
    const scene = new Scene(size, seed);
    for (const member of scene.cluster.members) await scene.cluster.start(member);
    await scene.cluster.queue.run(3000);
    return scene;
  }

  member(id: number): SimulatedMember {
    return this.cluster.members.find((member) => member.id === id)!;
  }

  state(id: number): StateMachine {
    return this.member(id).life!.state;
  }

  get followers(): number[] {
    const leader = this.cluster.leaders()[0]!;
    return this.cluster.members.filter((member) => member !== leader).map(({ id }) => id);
  }

  /** So many entries more. */
  async write(entries: number): Promise<void> {
    for (let at = 0; at < entries; at++) {
      void this.cluster.submit(this.cluster.leaders()[0]!, grant(String(++this.#leases)));
      await this.cluster.queue.run(2);
    }
  }

  async grant(): Promise<Result['result']> {
    const answer = this.cluster.submit(this.cluster.leaders()[0]!, grant(String(++this.#leases)));
    await this.cluster.queue.run(200);
    return (await answer)?.result;
  }

  /** From now on this member takes leases for longer than they are. */
  misapply(id: number, longer: number): void {
    const state = this.state(id);
    const apply = state.apply.bind(state);
    state.apply = (entry) => {
      const data = Buffer.from(entry.data);
      // The TTL of 3,600,000 ms as a varint.
      const at = data.indexOf(Buffer.from([0x80, 0xdd, 0xdb, 0x01]));
      if (at >= 0) data[at] = 0x80 + longer;
      return apply({ ...entry, data });
    };
  }

  /** Changes a row on the disk of a member, as rot that no checksum sees would. */
  async rot(id: number): Promise<void> {
    const { folders } = this.member(id);
    const storage = folders.storage(folders.names()[0]!)!;
    const rows: { key: Uint8Array; value: Uint8Array }[] = [];
    for await (const row of storage.iterate({})) rows.push(row);
    // A lease: nothing of it is read again before the next start.
    const { key, value } = rows.find((row) => row.key.length > 1 && row.value.length > 4)!;
    const rotten = Uint8Array.from(value);
    rotten[rotten.length - 1]! ^= 1;
    storage.plant([{ key, value: rotten }]);
  }
}

test('members that agree say so, of the chained hash every 256 entries and of all rows after each scrub', async () => {
  const scene = await Scene.of(5, 1);
  await scene.write(600);
  await scene.cluster.queue.run(12_000);
  expect([...scene.agreed.chained]).toEqual(expect.arrayContaining([256, 512]));
  expect(scene.agreed.contents.size).toBeGreaterThanOrEqual(2);
  // A scrub tells both.
  for (const index of scene.agreed.contents) expect(scene.agreed.chained).toContain(index);
  expect([...scene.mismatches, ...scene.corrupt, ...scene.diverged.keys()]).toEqual([]);
});

test('rows are hashed as they were at the scrub, whatever is applied and flushed meanwhile', async () => {
  const scene = await Scene.of(3, 2);
  await scene.write(1500);
  // The next scrub takes four pieces, 10 ms each, while an entry is applied every 2 ms.
  scene.agreed.contents.clear();
  await scene.write(2700);
  expect(scene.agreed.contents.size).toBeGreaterThanOrEqual(1);
  expect(scene.mismatches).toEqual([]);
});

test('one that applies something else stops at the next comparison; the others go on', async () => {
  const scene = await Scene.of(5, 3);
  await scene.write(10);
  const [wrong] = scene.followers as [number];
  scene.misapply(wrong, 5);
  await scene.write(400);
  await scene.cluster.queue.run(3000);
  expect([...scene.diverged.keys()]).toEqual([wrong]);
  const found = scene.diverged.get(wrong)!;
  expect(found.kind).toBe('chained');
  expect(found.members.length).toBeGreaterThanOrEqual(3);
  expect(found.members).not.toContain(wrong);
  expect(found.own).not.toBe(found.quorum);
  expect(scene.corrupt).toEqual([]);
  expect((await scene.grant())?.$case).toBe('leaseGrant');
});

test('a leader that applies something else is stopped too', async () => {
  const scene = await Scene.of(3, 4);
  const leader = scene.cluster.leaders()[0]!.id;
  scene.misapply(leader, 5);
  await scene.write(300);
  await scene.cluster.queue.run(10_000);
  expect([...scene.diverged.keys()]).toEqual([leader]);
  expect((await scene.grant())?.$case).toBe('leaseGrant');
});

test('a row that rots in the storage of one is found by the next scrub', async () => {
  const scene = await Scene.of(5, 5);
  await scene.write(50);
  await scene.cluster.queue.run(2000);
  const [rotten] = scene.followers as [number];
  await scene.rot(rotten);
  await scene.cluster.queue.run(15_000);
  expect([...scene.diverged.keys()]).toEqual([rotten]);
  expect(scene.diverged.get(rotten)!.kind).toBe('contents');
});

test('rows that cannot be read are another value than that of the quorum', async () => {
  const scene = await Scene.of(3, 6);
  await scene.write(20);
  const [damaged] = scene.followers as [number];
  const storage = scene.member(damaged).folders.storage('1')!;
  storage.iterate = async function* () {
    yield await Promise.reject(new Error('Corruption: block checksum mismatch'));
  };
  await scene.cluster.queue.run(15_000);
  expect(scene.diverged.get(damaged)).toMatchObject({ kind: 'contents', own: 'unreadable' });
  expect(scene.diverged.size).toBe(1);
});

test('two against two: nobody stops, CORRUPT is raised, and refuses writes until it is cleared', async () => {
  const scene = await Scene.of(4, 7);
  const [one, two] = scene.followers as [number, number];
  scene.misapply(one, 5);
  scene.misapply(two, 5);
  await scene.write(300);
  await scene.cluster.queue.run(4000);
  expect(scene.diverged.size).toBe(0);
  for (const member of scene.cluster.members) {
    expect(scene.state(member.id).alarms.map(({ kind }) => kind)).toEqual([AlarmKind.CORRUPT]);
  }
  expect(await scene.grant()).toMatchObject({ $case: 'error', value: { code: ErrorCode.CORRUPT } });
  // What was found stays as it is, and is not raised again for what is known.
  const [alarm] = scene.state(one).alarms;
  const clear: Command = { call: undefined, op: { $case: 'setAlarm', value: { alarm, raised: false } } };
  await scene.cluster.queue.run(1000);
  void scene.cluster.submit(scene.cluster.leaders()[0]!, clear);
  await scene.cluster.queue.run(300);
  expect((await scene.grant())?.$case).toBe('leaseGrant');
  // It is still so: the next scrub says it again.
  await scene.cluster.queue.run(10_000);
  expect(scene.state(one).alarms.map(({ kind }) => kind)).toEqual([AlarmKind.CORRUPT]);
});

test('five members in five states: no silence is waited for, CORRUPT comes at once', async () => {
  const scene = await Scene.of(5, 8);
  scene.followers.forEach((id, at) => scene.misapply(id, 5 + at));
  await scene.write(300);
  await scene.cluster.queue.run(3000);
  expect(scene.diverged.size).toBe(0);
  expect(scene.state(1).corrupt).toBe(true);
});
