import { expect, test } from '@jest/globals';
import { AcquireOutcome } from '@aegis/proto/v1/lock';
import { op, Script } from '../testing/script.js';

const { GRANTED, QUEUED } = AcquireOutcome;

async function withLeases(...leases: string[]): Promise<Script> {
  const script = await Script.start();
  for (const lease of leases) script.do(op.grant(lease, 60_000));
  return script;
}

test('the first candidate leads, and the next one when it resigns or its lease ends', async () => {
  const script = await withLeases('1', '2', '3');
  expect(script.do(op.campaign('e', '1', 'one'))).toEqual({ outcome: GRANTED, token: 1, position: 0 });
  expect(script.do(op.campaign('e', '2', 'two'))).toMatchObject({ outcome: QUEUED });
  expect(script.do(op.campaign('e', '3', 'three'))).toMatchObject({ outcome: QUEUED, position: 1 });
  expect(script.machine.leader('e')).toMatchObject({
    leader: { lease: '1', token: 1 },
    candidates: 2,
    index: 0,
  });

  expect(script.do(op.resign('e', '1'))).toEqual({ released: true, token: 1 });
  expect(script.events).toMatchObject([
    { type: 'released', kind: 'election', lease: '1' },
    { type: 'granted', kind: 'election', name: 'e', lease: '2', token: 2, value: Buffer.from('two') },
  ]);
  script.do(op.revoke('2'));
  expect(script.machine.leader('e').leader).toMatchObject({
    lease: '3',
    token: 3,
    value: Buffer.from('three'),
  });
  script.do(op.resign('e', '3'));
  expect(script.machine.leader('e')).toEqual({ election: 'e', leader: undefined, candidates: 0, index: 0 });
  expect(script.machine.counts).toMatchObject({ elections: 0 });
});

test('only the leader proclaims, and keeps its token', async () => {
  const script = await withLeases('1', '2');
  script.do(op.campaign('e', '1', 'one'));
  script.do(op.campaign('e', '2', 'two'));
  expect(script.do(op.proclaim('e', '1', 'uno'))).toEqual({ token: 1 });
  expect(script.events).toMatchObject([
    { type: 'proclaimed', lease: '1', token: 1, value: Buffer.from('uno') },
  ]);
  expect(script.machine.leader('e').leader!.value).toEqual(Buffer.from('uno'));
  for (const [election, lease] of [
    ['e', '2'],
    ['e', '404'],
    ['other', '1'],
  ] as const)
    expect(script.do(op.proclaim(election, lease, 'x'))).toMatchObject({ error: 'NOT_ELECTION_LEADER' });
});

test('campaigning again changes nothing, not even the value', async () => {
  const script = await withLeases('1');
  script.do(op.campaign('e', '1', 'one'));
  expect(script.do(op.campaign('e', '1', 'other'))).toMatchObject({ outcome: GRANTED, token: 1 });
  expect(script.machine.leader('e').leader!.value).toEqual(Buffer.from('one'));
});

test('elections and locks of one name have nothing to do with each other', async () => {
  const script = await withLeases('1', '2');
  script.do(op.acquire('same', '1'));
  expect(script.do(op.campaign('same', '2'))).toMatchObject({ outcome: GRANTED });
  expect(script.do(op.resign('same', '1'))).toMatchObject({ released: false });
  expect(script.machine.listLocks('', '', 0).locks).toMatchObject([{ name: 'same', newestToken: 1 }]);
});

test('a value has at most 64 KiB', async () => {
  const script = await withLeases('1');
  const tooLarge = 'x'.repeat(65_537);
  expect(script.do(op.campaign('e', '1', tooLarge))).toMatchObject({ error: 'TOO_LARGE' });
  expect(script.do(op.campaign('e', '1', 'x'.repeat(65_536)))).toMatchObject({ outcome: GRANTED });
  expect(script.do(op.proclaim('e', '1', tooLarge))).toMatchObject({ error: 'TOO_LARGE' });
});
