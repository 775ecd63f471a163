import { ErrorCode } from '@aegis/proto/v1/error';
import { AcquireOutcome } from '@aegis/proto/v1/lock';
import { beforeAll, expect } from '@jest/globals';

import { eventually } from './harness/clock.js';
import type { Cluster } from './harness/cluster.js';
import { RawSession } from './harness/raw-session.js';
import { acquire, describe, openLease, release, revoke } from './harness/requests.js';
import { TestBed } from './harness/test-bed.js';

const LONG_MS = 600_000;
const GRANTED = AcquireOutcome.GRANTED;

const bed = new TestBed();
let cluster: Cluster;
beforeAll(async () => {
  cluster = await bed.cluster({ replicas: 3 });
  await cluster.start();
}, 60_000);

function open(at = 0): RawSession {
  const session = new RawSession(cluster.endpoints[at % 3]!);
  bed.atEnd(() => session.close());
  return session;
}

bed.scenario(
  'a call that is sent again after a reconnect gets its first answer, and is not made twice',
  30_000,
  async () => {
    const before = open(0);
    const lease = await openLease(before, LONG_MS);
    const first = await before.result('lockAcquire', acquire('once', lease.lease), lease.call(1));
    expect(first.outcome).toBe(GRANTED);
    const freed = await before.result('lockRelease', release('once', lease.lease), lease.call(2));
    expect(freed).toEqual({ released: true, token: first.token });
    before.close();

    const after = open(1);
    expect(await after.result('lockAcquire', acquire('once', lease.lease), lease.call(1))).toEqual(first);
    expect(await after.result('lockRelease', release('once', lease.lease), lease.call(2))).toEqual(freed);
    // Had the copy of the acquire been made, the lock would be held; without a number it is.
    expect((await describe(after, 'once')).holderCount).toBe(0);
    const unnumbered = await after.result('lockAcquire', acquire('once', lease.lease));
    expect(unnumbered.token).toBeGreaterThan(first.token);
  },
);

bed.scenario('copies that arrive over several replicas at once are made once', 30_000, async () => {
  const sessions = [open(0), open(1), open(2)];
  const lease = await openLease(sessions[0]!, LONG_MS);
  for (let sequence = 1; sequence <= 20; sequence++) {
    const request = acquire(`copies-${sequence}`, lease.lease);
    const answers = await Promise.all(
      sessions.map((session) => session.result('lockAcquire', request, lease.call(sequence, sequence))),
    );
    expect(new Set(answers.map(({ token }) => token)).size).toBe(1);
    const freed = await Promise.all(
      sessions.map((session) => session.ask(release(`copies-${sequence}`, lease.lease))),
    );
    const hits = freed.filter((answer) => answer.$case === 'lockRelease' && answer.value.released);
    expect(hits.length).toBe(1);
  }
});

bed.scenario('a call keeps its answer over the death of the leader', 40_000, async () => {
  const { replica: leader } = await cluster.settled();
  const followers = cluster.replicas.filter((replica) => replica !== leader);
  const session = new RawSession(followers[0]!.member.clientAddress);
  bed.atEnd(() => session.close());
  const lease = await openLease(session, LONG_MS);
  const first = await session.result('lockAcquire', acquire('over', lease.lease), lease.call(1));
  const freed = await session.result('lockRelease', release('over', lease.lease), lease.call(2));
  await leader.kill();
  await cluster.leader();
  const other = new RawSession(followers[1]!.member.clientAddress);
  bed.atEnd(() => other.close());
  // Right after an election a definite refusal may come first.
  const again = async (
    request: typeof release extends (...args: never) => infer R ? R : never,
    sequence: number,
  ) =>
    eventually('an answer of the new leader', 10_000, async () => {
      const answer = await other.ask(request, lease.call(sequence));
      if (answer.$case !== 'error') return answer.value;
      expect(answer.value).toMatchObject({ retryable: true });
      return undefined;
    });
  expect(await again(acquire('over', lease.lease), 1)).toEqual(first);
  expect(await again(release('over', lease.lease), 2)).toEqual(freed);
  expect((await describe(other, 'over')).holderCount).toBe(0);
  leader.start();
  await cluster.settled();
});

bed.scenario('a call that can no longer be answered is refused, never made', 30_000, async () => {
  const session = open();
  const lease = await openLease(session, LONG_MS);
  await session.result('lockAcquire', acquire('old', lease.lease), lease.call(1));
  await session.result('lockRelease', release('old', lease.lease), lease.call(2, 2));
  const expired = { code: ErrorCode.SESSION_EXPIRED, definite: false, retryable: false };
  expect(await session.failure(acquire('old', lease.lease), lease.call(1, 1))).toMatchObject(expired);
  expect((await describe(session, 'old')).holderCount).toBe(0);

  const ahead = lease.call(2 + 4_096, 2);
  expect(await session.failure(acquire('old', lease.lease), ahead)).toMatchObject({
    code: ErrorCode.SESSION_WINDOW,
    definite: true,
  });

  await session.result('leaseRevoke', revoke(lease.lease));
  const gone = await session.failure(acquire('old', lease.lease), lease.call(3, 3));
  expect(gone).toMatchObject(expired);
  expect(gone.message).toContain(lease.lease);

  // Another life of the same lease is another session.
  const reborn = await openLease(session, LONG_MS, lease.lease);
  expect(reborn.grantIndex).toBeGreaterThan(lease.grantIndex);
  expect(await session.failure(acquire('old', lease.lease), lease.call(1, 1))).toMatchObject(expired);
  expect(await session.failure(acquire('old', lease.lease), lease.call(4, 4))).toMatchObject(expired);
  expect((await describe(session, 'old')).holderCount).toBe(0);
  expect((await session.result('lockAcquire', acquire('old', lease.lease), reborn.call(1))).outcome).toBe(
    GRANTED,
  );
});

bed.scenario('a session that ran out refuses its calls', 30_000, async () => {
  const session = open();
  const lease = await openLease(session, 2_000);
  await session.result('lockAcquire', acquire('ran-out', lease.lease), lease.call(1));
  await eventually('the lease ending', 8_000, async () =>
    (await describe(session, 'ran-out')).holderCount === 0 ? true : undefined,
  );
  const late = await session.failure(acquire('ran-out', lease.lease), lease.call(2));
  expect(late).toMatchObject({ code: ErrorCode.SESSION_EXPIRED, definite: false });
  // Its old answers went with it.
  const repeated = await session.failure(acquire('ran-out', lease.lease), lease.call(1));
  expect(repeated).toMatchObject({ code: ErrorCode.SESSION_EXPIRED, definite: false });
});
