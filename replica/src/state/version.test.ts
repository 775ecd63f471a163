import { expect, test } from '@jest/globals';
import { Batch } from '@aegis/proto/replica/command';
import { StateMachine } from './machine.js';
import { MemoryStorage } from './storage/memory.js';
import { op, Script } from './testing/script.js';

const raise = (version: number) => ({ $case: 'setClusterVersion' as const, value: { version } });

test('every cluster begins with version 1, whatever its software knows: all members make the same first state', async () => {
  const now = await Script.start();
  const later = await Script.start(new MemoryStorage(), { version: 3 });
  expect(later.machine.clusterVersion).toBe(1);
  expect((await later.machine.contentHash()).hash).toBe((await now.machine.contentHash()).hash);
});

test('the version rises by a command, never falls, and survives a restart', async () => {
  const storage = new MemoryStorage();
  const script = await Script.start(storage, { version: 3 });
  script.do(raise(2));
  script.do(raise(1));
  expect(script.machine.clusterVersion).toBe(2);
  await script.machine.sync();
  expect((await StateMachine.open(storage, { version: 2 })).clusterVersion).toBe(2);
  await expect(StateMachine.open(storage)).rejects.toThrow(
    'the state is of state machine version 2, and this software knows 1: start a newer version of AEGIS',
  );
});

test('what new software sends of a state is for old software to read, until the cluster has agreed otherwise', async () => {
  const script = await Script.start(new MemoryStorage(), { version: 3 });
  expect(script.machine.view().version).toBe(1);
  script.do(raise(2));
  expect(script.machine.view().version).toBe(2);
});

test('a replica that does not know the version stops at the command that raises it', async () => {
  const script = await Script.start(new MemoryStorage(), { version: 2 });
  expect(() => script.do(raise(3))).toThrow('log entry 1: it raises the cluster to state machine version 3');
  // Nobody goes on without it.
  expect(() => script.machine.apply({ term: 1, index: 2, data: new Uint8Array() })).toThrow(
    'applies 2 after 0',
  );
});

test('it stops before the entry, not within: what came before can still be stored', async () => {
  const script = await Script.start();
  // Found by `make fuzz TARGET=commands SEED=1 INPUT=529`: a put of b, and in the same entry a version to come.
  const data = Buffer.from('08011804203c2a0de2030a0a0162120576616c75652a05ba03020818', 'hex');
  expect(() => script.machine.apply({ term: 1, index: 1, data })).toThrow('state machine version 24');
  expect(script.machine.appliedIndex).toBe(0);
  script.do(op.grant('1'));
  await script.machine.sync();
  expect(script.machine.kv.keys).toBe(0);
});

test('a batch that needs more than the cluster has agreed on stops the replica', async () => {
  const script = await Script.start(new MemoryStorage(), { version: 2 });
  const batch = {
    version: 2,
    origin: 1,
    number: 1,
    stampMs: 1,
    commands: [{ call: undefined, op: op.advance() }],
  };
  const entry = { term: 1, index: 1, data: Batch.encode(batch).finish() };
  expect(() => script.machine.apply(entry)).toThrow('the cluster has agreed on 1');
  script.do(raise(2));
  script.machine.apply({ ...entry, index: 2 });
});
