import { expect, test } from '@jest/globals';
import { LockMode } from '@aegis/proto/v1/lock';
import { op, Script } from './testing/script.js';

/**
 * Replicas of different software run one log side by side during an upgrade. So what state machine version 1 makes of
 * this log never changes: not the order of its writes, not an encoding, not a text. What must change it is a new version.
 */
test('state machine version 1 makes of a fixed log what it always made of it', async () => {
  const script = await Script.start();
  const { machine } = script;
  for (const lease of ['1', '2', '18446744073709551615']) script.do(op.grant(lease, 3000));
  script.do(op.grant('0', 60_000));
  const { grantIndex } = machine.lease('1')!;
  const call = (sequence: number, lowestUnanswered = 1) => ({
    lease: '1',
    grantIndex,
    sequence,
    lowestUnanswered,
  });
  script.do(op.acquire('lock', '1', { lockDelayMs: 500 }), call(1));
  script.do(op.acquire('lock', '2', { waitMs: 700 }));
  script.do(op.acquire('lock', '18446744073709551615'));
  script.do(op.acquire('shared/ü', '1', { mode: LockMode.SHARED }), call(2));
  script.do(op.acquire('shared/ü', '2', { mode: LockMode.SHARED }));
  script.do(op.acquire('semaphore', '2', { mode: LockMode.SEMAPHORE, permits: 3 }));
  script.do(op.acquire('semaphore', '2', { claim: 2 }));
  script.do(op.campaign('election', '2', 'value'));
  script.do(op.campaign('election', '1', 'other'), call(3, 2));
  script.do(op.proclaim('election', '2', 'new value'));
  script.do(op.proclaim('election', '1', 'new value'), call(4, 3));
  script.do(op.acquire('lock', '1'), call(1));
  script.elapse(1200);
  script.expireDue();
  script.changeLeader();
  script.stampMs += 5000;
  script.do(op.keepAlive('2', '404'));
  script.elapse(2000);
  script.expireDue(1);
  script.expireDue(10);
  script.elapse(500);
  script.expireDue();
  script.do(op.release('lock', '2'));
  script.do(op.resign('election', '2'));
  script.do(op.settings(1000, 5000));
  script.do(op.grant('9', 6000));
  script.do(op.revoke('404'));
  script.elapse(300);
  expect(machine.counts.leases).toBeGreaterThan(0);
  expect({
    index: machine.appliedIndex,
    hash: machine.hash,
    contents: (await machine.contentHash()).hash,
  }).toEqual({
    index: 33,
    hash: '0fb7799c7af051d6878c17e004718a70a7588273edddf6d8b11275f0a649533b',
    contents: '9a5f49e6454c216d8852d546c268a08cc8fafba4322c70561b6df634d2ed7d59',
  });
});
