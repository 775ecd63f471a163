import { expect, test } from '@jest/globals';

import { op, Script } from '../../state/testing/script.js';
import { gateGrowth } from './growth-gate.js';

test('while a member is full, what grows is refused, but for what may be a copy of an answered call', async () => {
  const script = await Script.start();
  script.do(op.grant('1'));
  script.do(op.acquire('held', '1'));
  const plain = (growing: ReturnType<typeof op.grant>) =>
    gateGrowth(script.machine, { call: undefined, op: growing });
  expect(plain(op.grant('2'))).toEqual({ command: { call: undefined, op: op.grant('2') } });
  script.do(op.noSpace(true));
  expect(plain(op.grant('2'))).toMatchObject({ refused: { message: expect.stringContaining('member 1') } });
  expect(plain(op.acquire('free', '1'))).toHaveProperty('refused');
  for (const other of [op.acquire('held', '1'), op.keepAlive('1'), op.release('held', '1'), op.revoke('1')])
    expect(plain(other)).toEqual({ command: { call: undefined, op: other } });
  const call = { lease: '1', grantIndex: 1, sequence: 1, lowestUnanswered: 1 };
  expect(gateGrowth(script.machine, { call, op: op.grant('2') })).toEqual({
    command: { call, op: { $case: 'refuseGrowth', value: {} } },
  });
});
