import { describe, expect, test } from '@jest/globals';
import { Batch } from '@aegis/proto/replica/command';
import { StateMachine } from './machine.js';
import { MemoryStorage } from './storage/memory.js';
import type { StorageWrite } from './storage/storage.js';
import { entryOf, MEMBERSHIP, op, Script } from './testing/script.js';

const NO_COMMANDS = { version: 1, origin: 1, number: 1, stampMs: 1, commands: [] };

async function bootstrapped(storage = new MemoryStorage()): Promise<StateMachine> {
  const machine = await StateMachine.open(storage);
  await machine.bootstrap(MEMBERSHIP);
  return machine;
}

describe('entries', () => {
  test('are applied one after the other: a gap, a repetition or a falling term is a broken invariant', async () => {
    const machine = await bootstrapped();
    machine.apply(entryOf(2, 1, 1, []));
    for (const [term, index] of [
      [2, 1],
      [2, 3],
      [1, 2],
      [2, 0],
    ] as const)
      expect(() => machine.apply(entryOf(term, index, 1, []))).toThrow('state: ');
    expect(machine.appliedIndex).toBe(1);
    machine.apply(entryOf(2, 2, 1, []));
    expect(machine).toMatchObject({ appliedIndex: 2, appliedTerm: 2 });
  });

  test('without data only move the index and the hash', async () => {
    const machine = await bootstrapped();
    const { hash } = machine;
    expect(machine.apply({ term: 3, index: 1, data: new Uint8Array(0) })).toEqual({
      origin: 0,
      number: 0,
      stampMs: 0,
      results: [],
      events: [],
      changes: [],
      scrub: false,
    });
    expect(machine).toMatchObject({ appliedIndex: 1, appliedTerm: 3, leaseClockMs: 0 });
    expect(machine.hash).not.toBe(hash);
  });

  test('name whose batch they were', async () => {
    const machine = await bootstrapped();
    expect(machine.apply(entryOf(1, 1, 5, []))).toMatchObject({ origin: 7, number: 1 });
  });

  test('that this software does not know stop it, and nothing of them is applied', async () => {
    const machine = await bootstrapped();
    const { hash } = machine;
    const unknownOp = Batch.encode(NO_COMMANDS)
      .uint32(42)
      .bytes(Uint8Array.of(0xfa, 0x06, 0))
      .finish();
    const malformed = Uint8Array.of(42, 200, 1);
    for (const [data, why] of [
      [Batch.encode({ ...NO_COMMANDS, version: 2 }).finish(), 'need state machine version 2'],
      [Batch.encode({ ...NO_COMMANDS, version: 0 }).finish(), 'names no state machine version'],
      [
        Batch.encode({ ...NO_COMMANDS, commands: [{ call: undefined, op: undefined }] }).finish(),
        'unknown kind',
      ],
      [unknownOp, 'unknown kind'],
      [malformed, 'not a batch of commands'],
    ] as const) {
      expect(() => machine.apply({ term: 1, index: 1, data })).toThrow(
        expect.objectContaining({
          name: 'UnknownCommandError',
          index: 1,
          message: expect.stringContaining(why),
        }),
      );
      expect(machine).toMatchObject({ appliedIndex: 0, hash });
    }
  });
});

describe('the storage', () => {
  /** Counts what reaches it. */
  class Recording extends MemoryStorage {
    readonly batches: { writes: readonly StorageWrite[]; sync: boolean }[] = [];
    override write(writes: readonly StorageWrite[], options: { readonly sync: boolean }): Promise<void> {
      this.batches.push({ writes, sync: options.sync });
      return super.write(writes, options);
    }
  }
  const keysOf = (writes: readonly StorageWrite[]): string[] =>
    writes.map(({ key, value }) => `${value === undefined ? '-' : '+'}${String.fromCharCode(key[0]!)}`);

  test('gets the last value of each key, in one batch with the index', async () => {
    const storage = new Recording();
    const script = await Script.start(storage);
    expect(storage.batches.map(({ writes, sync }) => [keysOf(writes), sync])).toEqual([[['+P', '+M'], true]]);
    script.do(op.grant('1'));
    script.do(op.campaign('e', '1', 'a'));
    script.do(op.proclaim('e', '1', 'b'));
    script.stampMs += 500;
    script.do(op.keepAlive('1'));
    expect(script.machine.dirtyBytes).toBeGreaterThan(0);
    await script.machine.flush();
    expect(script.machine.dirtyBytes).toBe(0);
    expect(keysOf(storage.batches[1]!.writes)).toEqual(['+L', '+C', '+M']);
    expect(storage.batches[1]!.sync).toBe(false);
    await script.machine.flush();
    expect(storage.batches).toHaveLength(2);
  });

  test('never hears of what came and went between two flushes, and once of the end of what it knew', async () => {
    const storage = new Recording();
    const script = await Script.start(storage);
    script.do(op.grant('1'));
    script.do(op.acquire('known', '1'));
    await script.machine.flush();
    for (let round = 0; round < 3; round++) {
      script.do(op.acquire('short', '1'));
      script.do(op.release('short', '1'));
    }
    script.do(op.release('known', '1'));
    await script.machine.flush();
    expect(keysOf(storage.batches.at(-1)!.writes)).toEqual(['-C', '+M']);
    expect(script.machine.dirtyBytes).toBe(0);
  });

  test('a lease that ends and comes back under its id between two flushes is there afterwards', async () => {
    const storage = new MemoryStorage();
    const script = await Script.start(storage);
    script.do(op.grant('1', 5000));
    await script.machine.flush();
    script.do(op.revoke('1'));
    script.do(op.grant('1', 7000));
    await script.machine.flush();
    const again = await StateMachine.open(storage);
    expect(again.lease('1')).toMatchObject({ ttlMs: 7000, grantIndex: 3 });
    expect((await again.contentHash()).hash).toBe((await script.machine.contentHash()).hash);
  });

  test('that fails once gets everything with the next flush, the newest values last', async () => {
    class Full extends MemoryStorage {
      isFull = false;
      override async write(
        writes: readonly StorageWrite[],
        options: { readonly sync: boolean },
      ): Promise<void> {
        if (this.isFull) throw new Error('no space left on device');
        await super.write(writes, options);
      }
    }
    const storage = new Full();
    const script = await Script.start(storage);
    script.do(op.grant('1'));
    script.do(op.campaign('e', '1', 'old'));
    storage.isFull = true;
    const failed = script.machine.flush();
    script.do(op.proclaim('e', '1', 'new'));
    const failedToo = script.machine.sync();
    await expect(failed).rejects.toThrow('no space');
    await expect(failedToo).rejects.toThrow('no space');
    expect(script.machine.durableIndex).toBe(0);
    const { hash } = await script.machine.contentHash();
    storage.isFull = false;
    script.do(op.acquire('lock', '1'));
    await Promise.all([script.machine.flush(), script.machine.sync()]);
    expect(script.machine.durableIndex).toBe(4);
    const again = await StateMachine.open(storage);
    expect(again.leader('e').leader!.value.toString()).toBe('new');
    expect(again.lock('lock').holderCount).toBe(1);
    script.do(op.release('lock', '1'));
    await script.machine.flush();
    const last = await StateMachine.open(storage);
    expect(last.counts).toEqual(script.machine.counts);
    expect((await last.contentHash()).hash).toBe((await script.machine.contentHash()).hash);
    expect((await last.contentHash()).hash).not.toBe(hash);
  });

  test('moves the durable index with synced writes only', async () => {
    const script = await Script.start();
    script.do(op.grant('1'));
    expect(script.machine.durableIndex).toBe(0);
    await script.machine.flush();
    expect(script.machine.durableIndex).toBe(0);
    await script.machine.sync();
    expect(script.machine.durableIndex).toBe(1);
    await script.machine.sync();
    expect(script.machine.durableIndex).toBe(1);
  });

  // Found by simulation: an earlier process may have written it without a sync, and died before power was lost.
  test('that is read back is durable only after a sync of this process', async () => {
    const storage = new MemoryStorage();
    const script = await Script.start(storage);
    script.do(op.grant('1'));
    await script.machine.flush();
    const again = await StateMachine.open(storage);
    expect(again.appliedIndex).toBe(1);
    expect(again.durableIndex).toBe(0);
    await again.sync();
    expect(again.durableIndex).toBe(1);
    storage.crash();
    expect((await StateMachine.open(storage)).appliedIndex).toBe(1);
  });

  test('that holds rows but not their index is refused', async () => {
    const storage = new MemoryStorage();
    await storage.write([{ key: Uint8Array.of(0x4c), value: Uint8Array.of() }], { sync: true });
    await expect(StateMachine.open(storage)).rejects.toThrow('does not say at which index');
  });
});

describe('the hash', () => {
  test('tells apart histories that come to the same state', async () => {
    const one = await Script.start();
    one.do(op.grant('1'));
    one.do(op.acquire('lock', '1'));
    one.do(op.release('lock', '1'));
    const two = await Script.start();
    two.do(op.grant('1'));
    two.do(op.acquire('lock', '1', { claim: 2 }));
    two.do(op.release('lock', '1', 2));
    expect(two.machine.hash).not.toBe(one.machine.hash);
  });

  test('covers results and clocks, not only rows', async () => {
    const hashes = new Set<string>();
    for (const change of [op.advance(), op.revoke('404'), op.revoke('405'), op.settings(5, 6)]) {
      const script = await Script.start();
      script.do(change);
      hashes.add(script.machine.hash);
    }
    const later = await Script.start();
    later.stampMs++;
    later.do(op.advance());
    hashes.add(later.machine.hash);
    expect(hashes.size).toBe(5);
  });

  test('of the contents is that of one moment, whatever is flushed and applied while it is worked out', async () => {
    const script = await Script.start();
    for (let lease = 1; lease <= 3000; lease++) script.do(op.grant(String(lease)));
    await script.machine.flush();
    script.do(op.revoke('7'));
    script.do(op.acquire('lock', '8'));
    const quiet = await script.machine.contentHash();
    const busy = script.machine.contentHash();
    script.do(op.revoke('9'));
    await script.machine.sync();
    expect(await busy).toEqual(quiet);
    expect((await script.machine.contentHash()).hash).not.toBe(quiet.hash);
  });
});

describe('membership', () => {
  const member = (id: number) => ({
    id,
    nonce: `nonce-${id}`,
    name: `member-${id}`,
    peerAddress: `peer-${id}`,
    clientAddress: `client-${id}`,
    metricsAddress: `metrics-${id}`,
    learner: false,
  });
  const changed = {
    ...MEMBERSHIP,
    members: [member(2), member(1)],
    confState: { ...MEMBERSHIP.confState, voters: [2, 1], learners: [] },
    removedNonces: ['z', 'a'],
    nextMemberId: 3,
  };

  test('is kept in one order, in storage and hash', async () => {
    const storage = new MemoryStorage();
    const machine = await bootstrapped(storage);
    machine.applyMembership({ term: 1, index: 1 }, changed);
    expect(machine.membership).toEqual({
      ...changed,
      members: [member(1), member(2)],
      confState: { ...changed.confState, voters: [1, 2] },
      removedNonces: ['a', 'z'],
    });
    const other = await bootstrapped();
    other.applyMembership({ term: 1, index: 1 }, { ...changed, members: [member(1), member(2)] });
    expect(other.hash).toBe(machine.hash);
    await machine.sync();
    const again = await StateMachine.open(storage);
    expect(again.membership).toEqual(machine.membership);
    expect(again).toMatchObject({ appliedIndex: 1, durableIndex: 0, hash: machine.hash, clusterVersion: 1 });
  });

  test('bootstraps an empty state once, durably, and never changes its cluster', async () => {
    const storage = new MemoryStorage();
    const machine = await bootstrapped(storage);
    storage.crash();
    expect((await StateMachine.open(storage)).membership).toEqual(MEMBERSHIP);
    await expect(machine.bootstrap(MEMBERSHIP)).rejects.toThrow('only an empty state');
    const foreign = { ...changed, clusterId: 'another' };
    expect(() => machine.applyMembership({ term: 1, index: 1 }, foreign)).toThrow('keeps its id');
    const reused = { ...changed, nextMemberId: 2 };
    expect(() => machine.applyMembership({ term: 1, index: 1 }, reused)).toThrow('below the next one');
  });
});
