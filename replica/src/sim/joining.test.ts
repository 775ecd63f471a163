import { describe, expect, test } from '@jest/globals';

import type { AdminAnswer, AdminPort } from './admin-port.js';
import { addressesAt, SimulatedCluster } from './simulated-cluster.js';
import type { SimulatedMember } from './simulated-member.js';
import type { SimulatedNewcomer } from './simulated-newcomer.js';
import { Witness } from './witness.js';

/** A cluster that has a leader. */
async function started(
  size: number,
  seed: number,
  changed: (member: number, cluster: SimulatedCluster) => void = () => {},
) {
  const witness = new Witness();
  const removed: number[] = [];
  const cluster = new SimulatedCluster(size, seed, {
    applied: (_member, entry, _applied, hash) => witness.applied(entry.index, hash),
    membershipChanged: (member, entry, hash) => {
      witness.applied(entry.index, hash);
      changed(member, cluster);
    },
    leading: (member, term) => witness.leading(member, term),
    removed: (member) => removed.push(member),
  });
  for (const member of cluster.members) await cluster.start(member);
  await cluster.queue.run(3000);
  return { cluster, removed, leader: cluster.leaders()[0]! };
}

/** The name of the error that a call ended with, or its answer. */
async function call<A>(
  cluster: SimulatedCluster,
  { life }: SimulatedMember,
  ask: (admin: AdminPort, answer: AdminAnswer<A>) => void,
): Promise<A | string> {
  const answer = new Promise<A | string>((resolve) =>
    ask(life!.admin, (failure, value) => resolve(failure?.message ?? value!)),
  );
  return cluster.queue.until(answer);
}

const add = (cluster: SimulatedCluster, leader: SimulatedMember, { nonce, place }: SimulatedNewcomer) =>
  call(cluster, leader, (admin, answer) => admin.addLearner({ nonce, ...addressesAt(place) }, answer));

describe('an empty folder in a simulated cluster', () => {
  test('waits to be added, gets the log, and votes once it is promoted', async () => {
    const { cluster, leader } = await started(3, 11);
    const newcomer = cluster.prepare(4);
    const joined = newcomer.start([1, 2, 3]);
    await cluster.queue.run(1000);
    expect(await add(cluster, leader, newcomer)).toMatchObject({ memberId: 4 });
    // Asked again, the answer is the same.
    expect(await add(cluster, leader, newcomer)).toMatchObject({ memberId: 4 });
    const promote = () =>
      call(cluster, leader, (admin, answer) => admin.promote({ memberId: 4, replacedId: 0 }, answer));
    expect(await promote()).toContain('does not answer');
    expect(await cluster.queue.until(joined)).toMatchObject({ memberId: 4 });
    const member = cluster.adopt(newcomer, 4);
    await cluster.start(member);
    await cluster.queue.run(2000);
    expect(await promote()).toMatchObject({ memberId: 4 });
    await cluster.converge(1000);
    expect(member.life!.state.membership!.confState.voters).toEqual([1, 2, 3, 4]);
  });

  test('at the place of a lost member is another member, and the lost one is never taken back', async () => {
    const { cluster, leader } = await started(3, 12);
    const lost = cluster.members.find((member) => member !== leader)!;
    cluster.crash(lost);
    cluster.forget(lost);
    const newcomer = cluster.prepare(lost.place, lost.clock);
    const joined = newcomer.start([1, 2, 3]);
    expect(await add(cluster, leader, newcomer)).toContain(`member ${lost.id}`);
    await call(cluster, leader, (admin, answer) => admin.remove({ memberId: lost.id }, answer));
    expect(await add(cluster, leader, newcomer)).toMatchObject({ memberId: 4 });
    expect(await cluster.queue.until(joined)).toMatchObject({ memberId: 4 });
    const member = cluster.adopt(newcomer, 4);
    await cluster.start(member);
    await cluster.queue.run(2000);
    expect(member.life!.state.appliedIndex).toBe(leader.life!.state.appliedIndex);
    const old = { nonce: lost.nonce, ...addressesAt(9) };
    expect(await call(cluster, leader, (admin, answer) => admin.addLearner(old, answer))).toContain(
      'removed',
    );
  });

  test('whose member was removed refuses to start', async () => {
    const { cluster, leader } = await started(3, 13);
    const newcomer = cluster.prepare(4);
    await add(cluster, leader, newcomer);
    await call(cluster, leader, (admin, answer) => admin.remove({ memberId: 4 }, answer));
    await cluster.converge(1000);
    await expect(cluster.queue.until(newcomer.start([1, 2, 3]))).rejects.toThrow('was removed from cluster');
  });
});

describe('a removed member of a simulated cluster', () => {
  test('that leads ends by itself, and another one leads', async () => {
    const { cluster, leader, removed } = await started(3, 14);
    await call(cluster, leader, (admin, answer) => admin.remove({ memberId: leader.id }, answer));
    await cluster.queue.run(6000);
    expect(removed).toEqual([leader.id]);
    const next = cluster.leaders().find((member) => member !== leader);
    expect(next?.life!.state.membership!.confState.voters).not.toContain(leader.id);
  });

  test('is said to be gone only once most of the others know it for good; until then it has its say', async () => {
    let first: number | undefined;
    const { cluster, leader, removed } = await started(3, 16, (member, { members, network }) => {
      if (first !== undefined) return;
      // Who applies the change first tells nobody else.
      first = member;
      for (const { place } of members) if (place !== member) network.cut(member, place);
    });
    const [gone, stays] = cluster.members.filter((member) => member !== leader);
    const answers: string[] = [];
    leader.life!.admin.remove({ memberId: gone!.id }, (failure) =>
      answers.push(failure?.message ?? 'removed'),
    );
    await cluster.queue.run(300);
    expect(first).toBe(leader.id);
    expect({ answers, removed }).toEqual({ answers: [], removed: [] });
    // Nobody hears of the one that knows: the others go on together, and learn it from their own log.
    cluster.crash(leader);
    await cluster.queue.run(6000);
    expect(stays!.life!.state.membership!.confState.voters).toEqual(
      [leader.id, stays!.id].toSorted((a, b) => a - b),
    );
    expect(removed).toEqual([]);
    cluster.network.healAll();
    await cluster.start(leader);
    await cluster.queue.run(4000);
    expect(removed).toEqual([gone!.id]);
    const next = cluster.leaders()[0]!;
    const again = await call(cluster, next, (admin, answer) => admin.remove({ memberId: gone!.id }, answer));
    expect(again).toContain('is not in this cluster');
  });

  test('whose log is longer than the others tells them that it was removed, where its vote is of no use', async () => {
    let cutOff = false;
    const { cluster, leader, removed } = await started(4, 17, (member, { members, network }) => {
      if (cutOff) return;
      cutOff = true;
      for (const { place } of members) if (place !== member) network.cut(member, place);
    });
    const { network, queue } = cluster;
    const late = { loss: 0, duplication: 0, delayMsMin: 50, delayMsMax: 50 };
    for (const { place } of cluster.members)
      if (place !== leader.place) network.setQuality(leader.place, place, late);
    leader.life!.admin.remove({ memberId: leader.id }, () => {});
    // It comes to be committed by what is answered at about 100 ms; what follows reaches nobody.
    await queue.run(85);
    void cluster.submit(leader, {
      call: undefined,
      op: { $case: 'leaseGrant', value: { lease: '7', ttlMs: 60_000 } },
    });
    await queue.run(100);
    expect(cutOff).toBe(true);
    const [one, other, lost] = cluster.members.filter((member) => member !== leader);
    expect(leader.life!.log.lastIndex()).toBeGreaterThan(one!.life!.log.lastIndex());
    for (const { life } of [one!, other!]) expect(life!.state.membership!.members).toHaveLength(4);
    // Three of four are needed by what they know, and the third votes for no shorter log.
    cluster.crash(lost!);
    network.healAll();
    await queue.run(6000);
    expect(removed).toEqual([leader.id]);
    expect(cluster.leaders().some((member) => member === one || member === other)).toBe(true);
  });

  test('that could not hear of it is told by the others once it can', async () => {
    const { cluster, leader, removed } = await started(4, 15);
    const away = cluster.members.find((member) => member !== leader)!;
    for (const { place } of cluster.members) {
      cluster.network.cut(place, away.place);
      cluster.network.cut(away.place, place);
    }
    await call(cluster, leader, (admin, answer) => admin.remove({ memberId: away.id }, answer));
    await cluster.queue.run(5000);
    expect(removed).toEqual([]);
    cluster.network.healAll();
    await cluster.queue.run(5000);
    expect(removed).toEqual([away.id]);
    // It has disturbed nobody.
    expect(cluster.leaders()).toEqual([leader]);
  });
});
