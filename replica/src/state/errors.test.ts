import { expect, test } from '@jest/globals';
import { LockMode } from '@aegis/proto/v1/lock';
import { op, type Outcome, Script } from './testing/script.js';

/** Results are in the hash and in the tables of sessions, texts included: another text needs another STATE_VERSION. */
test('the texts of errors that apply comes to are those of state machine version 1', async () => {
  const script = await Script.start();
  script.do(op.grant('1'));
  script.do(op.acquire('semaphore', '1', { mode: LockMode.SEMAPHORE, permits: 2 }));
  const call = (
    more: object,
  ): { lease: string; grantIndex: number; sequence: number; lowestUnanswered: number } => {
    return { lease: '1', grantIndex: 1, sequence: 9000, lowestUnanswered: 1, ...more };
  };
  const texts = (
    [
      script.do(op.grant('1')),
      script.do(op.grant('2', 5)),
      script.do(op.revoke('3')),
      script.do(op.acquire('', '1')),
      script.do(op.acquire('x', '1', { mode: LockMode.SEMAPHORE })),
      script.do(op.acquire('x', '1', { mode: 9 as LockMode })),
      script.do(op.acquire('x', '1', { waitMs: -5 })),
      script.do(op.acquire('x', '1', { lockDelayMs: 700_000 })),
      script.do(op.acquire('semaphore', '1', { claim: 2 })),
      script.do(op.acquire('semaphore', '1')),
      script.do(op.campaign('e', '1', 'x'.repeat(65_537))),
      script.do(op.proclaim('e', '1', '')),
      script.do(op.expire(99)),
      script.do(op.expire(0, 0)),
      script.do(op.settings(5, 4)),
      script.do(op.keepAlive(...Array.from({ length: 10_001 }, () => '1'))),
      script.do(op.advance(), call({})),
      script.do(op.advance(), call({ sequence: 0 })),
      script.do(op.advance(), call({ sequence: 1, lowestUnanswered: 2 })),
      script.do(op.advance(), call({ grantIndex: 9 })),
      script.do(op.advance(), call({ lease: '9' })),
    ] as Outcome[]
  ).map(
    (outcome) =>
      `${String(outcome['error' as keyof Outcome])}: ${String(outcome['message' as keyof Outcome])}`,
  );
  expect(texts).toEqual(TEXTS);
});
const TEXTS = [
  'LEASE_EXISTS: Lease 1 exists already. Choose another id, or 0 to be given one.',
  'INVALID_TTL: A TTL of 5 ms is outside of the bounds of this cluster, 2000 to 86400000 ms.',
  'LEASE_NOT_FOUND: Lease 3 does not exist: it expired, was revoked or was never granted. Grant a new one.',
  'INVALID_ARGUMENT: name is a string of 0 bytes; it must be 1 to 1024 bytes of UTF-8.',
  'INVALID_ARGUMENT: permits is 0; it must be 1 to 1000000 with mode semaphore.',
  'INVALID_ARGUMENT: mode is 9; it must be exclusive, shared or semaphore.',
  'INVALID_ARGUMENT: wait_ms is -5; it must be -1 (as long as the lease lives), 0 (do not queue) or at most 3155760000000.',
  'INVALID_ARGUMENT: lock_delay_ms is 700000; it must be at most 600000.',
  'LOCK_KIND_MISMATCH: Lock "semaphore" is in use as a semaphore of 2 permits. All claims on a lock in use must agree.',
  'CLAIM_MISMATCH: Claim 1 of lease 1 on "semaphore" exists as a semaphore of 2 permits. Release it first, or use another claim number.',
  'TOO_LARGE: The value of the candidate has 65537 bytes; at most 65536 are taken. Send less at once.',
  'NOT_ELECTION_LEADER: Claim 1 of lease 1 does not lead election "e". Campaign first.',
  'INVALID_ARGUMENT: up_to_ms is 99; it must be at most lease time, which is 0.',
  'INVALID_ARGUMENT: limit is 0; it must be at least 1.',
  'INVALID_ARGUMENT: lease_min_ttl_ms, lease_max_ttl_ms is 5, 4; it must be rising, 1 to 3155760000000.',
  'TOO_LARGE: The keepalive has 10001 leases; at most 10000 are taken. Send less at once.',
  'SESSION_WINDOW: Call 9000 of session 1 is 4096 or more ahead of 1, the lowest unanswered. Wait for answers first.',
  'INVALID_ARGUMENT: call.sequence is 0; it must be at least 1.',
  'SESSION_EXPIRED: Call 1 of session 1 can be neither answered nor made: the client said that it has its answer, and the result is forgotten. An earlier copy of it may have taken effect. Read how things stand before doing it again.',
  'SESSION_EXPIRED: Call 9000 of session 1 can be neither answered nor made: that life of the lease has ended. An earlier copy of it may have taken effect. Read how things stand before doing it again.',
  'SESSION_EXPIRED: Call 9000 of session 9 can be neither answered nor made: the session has ended. An earlier copy of it may have taken effect. Read how things stand before doing it again.',
];
