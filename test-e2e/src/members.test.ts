import type { AegisError, Client } from '@aegis/client';
import type { MembershipResponse, StatusResponse } from '@aegis/proto/v1/cluster';
import { beforeAll, expect } from '@jest/globals';

import { askStatus } from './harness/ask-status.js';
import { eventually } from './harness/clock.js';
import type { Cluster } from './harness/cluster.js';
import type { Replica } from './harness/replica.js';
import { TestBed } from './harness/test-bed.js';

const REMOVED = 66;
const END_MS = 15_000;

const bed = new TestBed();
let cluster: Cluster;
let client: Client;
beforeAll(async () => {
  cluster = await bed.cluster({ replicas: 3 });
  await cluster.start();
  client = cluster.connect();
}, 60_000);

function learner(replica: Replica, nonce: string) {
  const { name, peerAddress, clientAddress, metricsAddress } = replica.member;
  return { nonce, name, peerAddress, clientAddress, metricsAddress };
}

/** Adds a replica that waits, and has it promoted. */
async function grown(name: string): Promise<Replica> {
  const newcomer = await cluster.newcomer(name);
  newcomer.start();
  const { memberId } = await client.cluster.addLearner(learner(newcomer, await newcomer.joining()));
  cluster.adopt(newcomer, memberId);
  await promoted(memberId);
  return newcomer;
}

function promoted(id: number, replacedId = 0): Promise<MembershipResponse> {
  return eventually(`member ${id} being promoted`, 20_000, () =>
    client.cluster.promote(id, replacedId).catch((error: AegisError) => {
      if (error.code !== 'LEARNER_BEHIND') throw error;
      return undefined;
    }),
  );
}

async function removed(id: number): Promise<Replica> {
  const replica = cluster.replica(id);
  await client.cluster.remove(id);
  cluster.dismiss(id);
  return replica;
}

async function refusal(asked: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await asked.then(
    () => undefined,
    (failure: AegisError) => failure,
  );
  if (error === undefined) throw new Error('it was not refused');
  return { code: error.code, message: error.message };
}

/** The leader's view. */
async function view(): Promise<StatusResponse> {
  const { replica } = await cluster.leader();
  return (await askStatus(replica.member.clientAddress))!;
}

async function expectWritable(): Promise<void> {
  const { lease } = await client.leases.grant(60_000);
  await client.leases.revoke(lease);
}

bed.scenario('an empty folder waits, is added, catches up, votes', 60_000, async () => {
  const newcomer = await cluster.newcomer('aegis-4');
  newcomer.start();
  const nonce = await newcomer.joining();
  const ready = await newcomer.get('/readyz');
  expect(ready.status).toBe(503);
  expect(await ready.text()).toMatch(new RegExp(`joining.*${nonce}`));
  expect((await newcomer.get('/livez')).status).toBe(200);
  // Killed and started again it is the same folder.
  await newcomer.kill();
  newcomer.start();
  expect(await newcomer.joining()).toBe(nonce);

  const asked = learner(newcomer, nonce);
  const { memberId, members } = await client.cluster.addLearner(asked);
  expect(memberId).toBe(4);
  expect(members.at(-1)).toMatchObject({ id: 4, state: 'learner', learner: true });
  expect((await client.cluster.addLearner(asked)).memberId).toBe(4);
  cluster.adopt(newcomer, 4);
  await newcomer.ready();
  expect(await askStatus(newcomer.member.clientAddress)).toMatchObject({ memberId: 4, role: 'learner' });
  await promoted(4);
  expect((await client.cluster.promote(4)).memberId).toBe(4);
  await cluster.settled();
  const statuses = await cluster.statuses();
  for (const { members: seen } of statuses) {
    expect(seen.map(({ id, state }) => `${id} ${state}`)).toEqual([1, 2, 3, 4].map((id) => `${id} voter`));
  }
  // A restart finds its membership in its own state.
  await newcomer.kill();
  newcomer.start();
  await cluster.settled();
  await expectWritable();
});

bed.scenario('what is wrong is refused, and says why', 60_000, async () => {
  const known = cluster.replica(1).member;
  const free = await cluster.newcomer('aegis-x');
  const right = learner(free, 'ab'.repeat(16));
  const add = (over: Partial<typeof right>) => refusal(client.cluster.addLearner({ ...right, ...over }));
  expect(await add({ peerAddress: known.peerAddress })).toMatchObject({
    code: 'MEMBER_EXISTS',
    message: expect.stringContaining(`${known.peerAddress} belongs to member 1`),
  });
  expect(await add({ clientAddress: known.metricsAddress })).toMatchObject({ code: 'MEMBER_EXISTS' });
  expect(await add({ name: known.name })).toMatchObject({ code: 'MEMBER_EXISTS' });
  expect(await add({ nonce: 'zz' })).toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('nonce'),
  });
  expect(await add({ peerAddress: 'nowhere' })).toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('peerAddress'),
  });
  expect(await add({ metricsAddress: right.peerAddress })).toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect(await refusal(client.cluster.promote(99))).toMatchObject({ code: 'MEMBER_NOT_FOUND' });
  expect(await refusal(client.cluster.remove(99))).toMatchObject({ code: 'MEMBER_NOT_FOUND' });
  expect(await refusal(client.cluster.promote(99, 1))).toMatchObject({ code: 'MEMBER_NOT_FOUND' });

  // One that nobody runs cannot be caught up; it can go again.
  const { memberId } = await client.cluster.addLearner(right);
  expect(await refusal(client.cluster.promote(memberId))).toMatchObject({
    code: 'LEARNER_BEHIND',
    message: expect.stringContaining(`Learner ${memberId}`),
  });
  expect(await refusal(client.cluster.promote(1, memberId))).toMatchObject({ code: 'NOT_A_VOTER' });
  await client.cluster.remove(memberId);
  expect(await refusal(client.cluster.remove(memberId))).toMatchObject({ code: 'MEMBER_NOT_FOUND' });
  // Its folder is not taken back, and its id is not given again.
  expect(await refusal(client.cluster.addLearner(right))).toMatchObject({ code: 'FOLDER_REMOVED' });
  const again = await client.cluster.addLearner({ ...right, nonce: 'cd'.repeat(16) });
  expect(again.memberId).toBe(memberId + 1);
  await client.cluster.remove(again.memberId);
  await expectWritable();
});

bed.scenario('two changes at once: one is made, the other told to wait', 60_000, async () => {
  const newcomers = await Promise.all(
    ['aegis-p', 'aegis-q', 'aegis-r'].map((name) => cluster.newcomer(name)),
  );
  const asked = newcomers.map((each, at) => client.cluster.addLearner(learner(each, `${at}`.repeat(32))));
  const answers = await Promise.allSettled(asked);
  const made = answers.filter((answer) => answer.status === 'fulfilled');
  const busy = answers.filter((answer) => answer.status === 'rejected');
  expect(made.length).toBeGreaterThan(0);
  for (const { reason } of busy) expect((reason as AegisError).code).toBe('MEMBERSHIP_BUSY');
  expect(busy.length).toBeGreaterThan(0);
  for (const { value } of made) await client.cluster.remove(value.memberId);
});

bed.scenario('a voter is replaced in one step, and ends with a status of its own', 60_000, async () => {
  const newcomer = await cluster.newcomer('aegis-in-its-place');
  newcomer.start();
  const { memberId } = await client.cluster.addLearner(learner(newcomer, await newcomer.joining()));
  cluster.adopt(newcomer, memberId);
  const leader = (await cluster.leader()).replica;
  const replaced = cluster.replicas.find(({ id }) => id !== leader.id && id !== memberId)!;
  await promoted(memberId, replaced.id);
  cluster.dismiss(replaced.id);
  expect(await replaced.process.status(END_MS)).toBe(REMOVED);
  expect(replaced.process.stderr.join('\n')).toMatch(
    new RegExp(`member ${replaced.id} was removed from cluster ${cluster.id}.*empty folder`),
  );
  await cluster.settled();
  expect((await view()).members.map(({ id }) => id)).not.toContain(replaced.id);

  // Started again it ends the same way, whether its log knows or the others say so.
  expect(await replaced.start().status(END_MS)).toBe(REMOVED);
  await expectWritable();
});

bed.scenario('a member that is down when it is removed learns it from the others', 60_000, async () => {
  const leader = (await cluster.leader()).replica;
  const victim = cluster.replicas.find(({ id }) => id !== leader.id)!;
  await victim.kill();
  await removed(victim.id);
  await expectWritable();
  const life = victim.start();
  expect(await life.status(END_MS)).toBe(REMOVED);
  expect(life.stderr.join('\n')).toMatch(/members? .*said so/);
  await cluster.settled();
});

bed.scenario('the leader is removed: it answers, steps down and ends', 60_000, async () => {
  const { replica: leader, term } = await cluster.leader();
  await removed(leader.id);
  expect(await leader.process.status(END_MS)).toBe(REMOVED);
  await cluster.leader({ afterTerm: term });
  await expectWritable();
  await cluster.settled();
});

bed.scenario('the quorum is guarded: the error says who is live', 60_000, async () => {
  while (cluster.replicas.length < 3) await grown(`aegis-g${cluster.replicas.length}`);
  const { replica: leader } = await cluster.settled();
  const [down, up] = cluster.replicas.filter((each) => each !== leader) as [Replica, Replica];
  await down.kill();
  const { code, message: said } = await refusal(client.cluster.remove(up.id));
  expect(code).toBe('QUORUM_AT_RISK');
  const left = [leader.id, down.id].toSorted((a, b) => a - b);
  expect(said).toContain(`${left.join(', ')}; 2 of them`);
  expect(said).toContain(`those that are: ${leader.id}.`);
  // The dead one may go: then both that are left are needed, and live.
  await removed(down.id);
  await expectWritable();
  await removed(up.id);
  expect(await up.process.status(END_MS)).toBe(REMOVED);
  expect(await refusal(client.cluster.remove(leader.id))).toMatchObject({ code: 'LAST_VOTER' });
  await expectWritable();
});

bed.scenario('one that was away while all others changed is found by the newer ones', 90_000, async () => {
  while (cluster.replicas.length < 3) await grown(`aegis-h${cluster.replicas.length}`);
  const { replica: leader, term } = await cluster.settled();
  const [away, other] = cluster.replicas.filter((each) => each !== leader) as [Replica, Replica];
  await away.kill();
  await grown('aegis-new-1');
  await grown('aegis-new-2');
  await removed(other.id);
  await removed(leader.id);
  await leader.process.ended;
  await cluster.leader({ afterTerm: term });
  // It knows of none of them, but they know it.
  away.start();
  await cluster.settled();
  await expectWritable();
});
