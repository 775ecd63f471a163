import { describe, expect, test } from '@jest/globals';
import { AlarmKind } from '@aegis/proto/v1/alarm';
import { inside, kvOp } from '../kv/testing/kv-script.js';
import { StateMachine } from '../machine.js';
import { MemoryStorage } from '../storage/memory.js';
import { MEMBERSHIP, op, Script } from '../testing/script.js';

const noSpace = { kind: AlarmKind.NO_SPACE, memberId: 1 };

async function started() {
  const storage = new MemoryStorage();
  const script = await Script.start(storage);
  script.do(op.grant('1', 5000));
  script.do(op.acquire('held', '1'));
  script.do(op.campaign('election', '1', 'four'));
  script.do(kvOp.put('key', 'value', { lease: '1' }));
  return { script, storage };
}

describe('while a member has no space', () => {
  test('whatever makes the state grow is refused, and changes nothing', async () => {
    const { script } = await started();
    script.do(op.noSpace(true));
    const { counts, kv } = script.machine;
    for (const growing of [
      op.grant('2'),
      op.grant('0'),
      op.acquire('free', '1'),
      op.acquire('held', '1', { claim: 2 }),
      op.campaign('other', '1', 'x'),
      op.proclaim('election', '1', 'longer'),
      kvOp.put('key', 'v'),
      kvOp.txn([], [], [inside.put('key', 'v')]),
    ]) {
      expect([growing.$case, script.do(growing)]).toEqual([
        growing.$case,
        expect.objectContaining({
          error: 'NO_SPACE',
          message: expect.stringContaining('The disk of member 1 is full'),
        }),
      ]);
    }
    expect(script.machine.counts).toEqual(counts);
    expect(script.machine.kv).toEqual(kv);
  });

  test('what keeps the state as it is, or shrinks it, goes on', async () => {
    const { script } = await started();
    script.do(op.noSpace(true));
    for (const other of [
      op.keepAlive('1'),
      op.acquire('held', '1'),
      op.acquire('held', '1', { claim: 2, waitMs: 0 }),
      op.proclaim('election', '1', 'four'.toUpperCase()),
      op.release('held', '1'),
      op.resign('election', '1'),
      kvOp.delete('key'),
      kvOp.compact(3),
      op.revoke('1'),
    ])
      expect([other.$case, script.do(other)]).not.toEqual([
        other.$case,
        expect.objectContaining({ error: expect.anything() }),
      ]);
    expect(script.machine.counts).toMatchObject({ leases: 0, holders: 0 });
  });

  test('growth comes back when the last such member has space again', async () => {
    const storage = new MemoryStorage();
    const machine = await StateMachine.open(storage);
    await machine.bootstrap({ ...MEMBERSHIP, confState: { ...MEMBERSHIP.confState, voters: [1, 2] } });
    const script = Script.on(machine);
    script.do(op.noSpace(true, 2));
    script.do(op.noSpace(true, 1));
    script.do(op.noSpace(true, 2));
    expect(machine.membersWithoutSpace).toEqual([1, 2]);
    expect(script.do(op.grant('1'))).toMatchObject({
      message: expect.stringContaining('of members 1, 2 is'),
    });
    script.do(op.noSpace(false, 1));
    expect(script.do(op.grant('1'))).toMatchObject({ error: 'NO_SPACE' });
    script.do(op.noSpace(false, 2));
    expect(script.do(op.grant('1'))).toMatchObject({ lease: '1' });
  });

  test('a sequenced call that stands in for a refused one answers with the result of an earlier copy', async () => {
    const { script } = await started();
    const { grantIndex } = script.machine.lease('1')!;
    const call = (sequence: number) => ({ lease: '1', grantIndex, sequence, lowestUnanswered: 1 });
    const made = script.do(kvOp.put('key', 'v'), call(1));
    script.do(op.noSpace(true));
    const standIn = { $case: 'refuseGrowth' as const, value: {} };
    expect(script.do(standIn, call(1))).toEqual(made);
    expect(script.do(standIn, call(2))).toMatchObject({ error: 'NO_SPACE' });
  });
});

test('an alarm survives a restart, and goes with its member', async () => {
  const { script, storage } = await started();
  script.do(op.noSpace(true));
  expect(script.machine.alarms).toEqual([noSpace]);
  await script.machine.sync();
  const again = await StateMachine.open(storage);
  expect(again.alarms).toEqual([noSpace]);
  expect(again.membersWithoutSpace).toEqual([1]);
  const { appliedIndex, appliedTerm } = again;
  again.applyMembership(
    { index: appliedIndex + 1, term: appliedTerm },
    { ...MEMBERSHIP, confState: { ...MEMBERSHIP.confState, voters: [2] }, nextMemberId: 3 },
  );
  expect(again.alarms).toEqual([]);
  const after = Script.on(again);
  expect(after.do(op.noSpace(true))).toMatchObject({ error: 'MEMBER_NOT_FOUND' });
});

test('only alarms that a member can see are set by a command', async () => {
  const { script } = await started();
  const quota = {
    $case: 'setAlarm' as const,
    value: { alarm: { kind: AlarmKind.QUOTA, memberId: 1 }, raised: true },
  };
  expect(script.do(quota)).toMatchObject({ error: 'INVALID_ARGUMENT' });
});

test('while members disagree every change is refused but for keepalives and expiry, until it is cleared', async () => {
  const { script } = await started();
  script.do(op.corrupt(true));
  for (const refused of [
    op.grant('2'),
    op.release('held', '1'),
    op.revoke('1'),
    kvOp.put('a', 'b'),
    kvOp.delete('key'),
  ])
    expect(script.do(refused)).toMatchObject({ error: 'CORRUPT' });
  expect(script.do(op.keepAlive('1'))).toEqual({ ttlMs: [5000] });
  script.elapse(6000);
  expect(script.expireDue()).toMatchObject({ leases: 1 });
  script.do(op.corrupt(false));
  expect(script.do(op.grant('2'))).toMatchObject({ lease: '2' });
});

test('the alarm of the quota comes with the first refusal and goes when a twentieth is free', async () => {
  const { script } = await started();
  script.do(kvOp.put('large', 'x'.repeat(1000)));
  const { bytes } = script.machine.kv;
  script.do(kvOp.quota(bytes + 10));
  expect(script.machine.alarms).toEqual([]);
  expect(script.do(kvOp.put('more', 'x'))).toMatchObject({ error: 'QUOTA_EXCEEDED' });
  expect(script.machine.alarms).toEqual([{ kind: AlarmKind.QUOTA, memberId: 0 }]);
  script.do(kvOp.delete('large'));
  expect(script.machine.alarms).toHaveLength(1);
  script.do(kvOp.compact(script.machine.kv.revision));
  script.do(op.advance());
  expect(script.machine.alarms).toEqual([]);
  expect(script.do(kvOp.put('more', 'x'))).not.toHaveProperty('error');
});
