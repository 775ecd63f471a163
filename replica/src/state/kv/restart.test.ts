import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CommittedEntry } from '../applied.js';
import { StateMachine } from '../machine.js';
import { MemoryStorage } from '../storage/memory.js';
import { RocksStorage } from '../storage/rocksdb.js';
import type { StateStorage, StorageWrite } from '../storage/storage.js';
import { MEMBERSHIP, op, Script } from '../testing/script.js';
import { keyRangeOf } from './key-range.js';
import { expectSame } from './testing/expect-same.js';
import { kvHistory, type KvTurn, LEASES } from './testing/kv-history.js';
import { eventsOf, inside, kvOp, plain, rangeRequest } from './testing/kv-script.js';

const ALL = rangeRequest('\0', '\0');

/** What a replica that never stopped and never flushed came to, entry by entry. */
interface Reference {
  readonly entries: readonly CommittedEntry[];
  readonly applied: readonly { readonly results: unknown; readonly changes: unknown }[];
  readonly hashes: readonly string[];
  /** All that can be read, at each index. */
  readonly views: readonly object[];
  readonly contents: string;
}

async function runOnce(turns: readonly KvTurn[], start: (script: Script) => void): Promise<Reference> {
  const script = await Script.start();
  start(script);
  for (const { passMs, drafts } of turns) {
    script.stampMs += passMs;
    const { kv, leaseClockMs } = script.machine;
    script.batch(drafts.map((draft) => ({ call: undefined, op: draft(kv.revision, leaseClockMs) })));
  }
  const replay = await StateMachine.open(new MemoryStorage());
  await replay.bootstrap(MEMBERSHIP);
  const applied: { results: unknown; changes: unknown }[] = [];
  const hashes: string[] = [replay.hash];
  const views: object[] = [viewOf(replay)];
  for (const entry of script.entries) {
    const { results, changes } = replay.apply(entry);
    applied.push({ results: plain(results), changes: plain(changes) });
    hashes.push(replay.hash);
    views.push(viewOf(replay));
  }
  const { hash: contents } = await replay.contentHash();
  return { entries: script.entries, applied, hashes, views, contents };
}

function viewOf(machine: StateMachine): object {
  const { kv } = machine;
  const since = machine.kvChangesSince(kv.compactedRevision, keyRangeOf(ALL.key, ALL.rangeEnd), 1_000_000);
  return {
    kv,
    leases: LEASES.map((id) => machine.lease(id)),
    now: plain(machine.kvRange(ALL)),
    before: plain(machine.kvRange({ ...ALL, revision: Math.max(1, kv.compactedRevision) })),
    history: 'changes' in since ? eventsOf(machine, since.changes) : since,
  };
}

/** Between two entries. */
type Incident = 'none' | 'flush' | 'flush meanwhile' | 'sync' | 'restart' | 'content hash';
const incident = fc.constantFrom<Incident>(
  'none',
  'flush meanwhile',
  'flush',
  'sync',
  'restart',
  'content hash',
);

interface Place {
  readonly storage: StateStorage;
  /** Gives what a process would find that was killed now. */
  restart(surviving: number): Promise<StateStorage>;
  end(): Promise<void>;
}

async function inMemory(): Promise<Place> {
  const storage = new MemoryStorage();
  return {
    storage,
    async restart(surviving) {
      storage.crash(surviving);
      return storage;
    },
    async end() {},
  };
}

async function onDisk(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'aegis-kv-'));
  let storage = await RocksStorage.open(folder);
  return {
    storage,
    async restart() {
      await storage.close();
      storage = await RocksStorage.open(folder);
      return storage;
    },
    async end() {
      await storage.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function expectSameAfter(
  { entries, applied, hashes, views, contents }: Reference,
  place: Place,
  incidents: readonly Incident[],
  surviving: number,
): Promise<void> {
  let machine = await StateMachine.open(place.storage);
  await machine.bootstrap(MEMBERSHIP);
  let restarts = 0;
  let flushing = Promise.resolve();
  for (let at = 0; at < entries.length; at = machine.appliedIndex) {
    const { results, changes } = machine.apply(entries[at]!);
    expectSame(plain(results), applied[at]!.results);
    expectSame(plain(changes), applied[at]!.changes);
    expect(machine.hash).toBe(hashes[at + 1]);
    const what = incidents[(at + restarts * 7) % incidents.length]!;
    if (what === 'flush') await machine.flush();
    await flushing;
    if (what === 'flush meanwhile') flushing = machine.flush();
    if (what === 'sync') await machine.sync();
    if (what === 'content hash') await machine.contentHash();
    if (what === 'restart' && restarts < 10) {
      restarts++;
      await flushing;
      const { durableIndex, appliedIndex } = machine;
      machine = await StateMachine.open(await place.restart(surviving));
      expect(machine.appliedIndex).toBeGreaterThanOrEqual(durableIndex);
      expect(machine.appliedIndex).toBeLessThanOrEqual(appliedIndex);
      expect(machine.hash).toBe(hashes[machine.appliedIndex]);
    }
    expectSame(viewOf(machine), views[machine.appliedIndex]);
  }
  expect((await machine.contentHash()).hash).toBe(contents);
  await machine.sync();
  expect((await machine.contentHash()).hash).toBe(contents);
  await place.end();
}

test('values that a full disk did not take are read all the same', async () => {
  class Full extends MemoryStorage {
    isFull = true;
    override async write(
      writes: readonly StorageWrite[],
      options: { readonly sync: boolean },
    ): Promise<void> {
      if (this.isFull) throw new Error('no space left on device');
      await super.write(writes, options);
    }
  }
  const storage = new Full();
  storage.isFull = false;
  const script = await Script.start(storage);
  storage.isFull = true;
  script.do(kvOp.put('a', '1'));
  await expect(script.machine.flush()).rejects.toThrow('no space');
  script.do(kvOp.put('b', '2'));
  await expect(script.machine.flush()).rejects.toThrow('no space');
  expect(plain(script.machine.kvRange(ALL))).toMatchObject({ kvs: [{ value: '1' }, { value: '2' }] });
  storage.isFull = false;
  await script.machine.flush();
  const again = await StateMachine.open(storage);
  expect(again.kvRange(ALL)).toEqual(script.machine.kvRange(ALL));
});

describe.each([
  ['memory, which loses what was not synced', inMemory, Number(process.env['AEGIS_PROPERTY_RUNS'] ?? 80)],
  ['RocksDB', onDisk, 10],
])('on %s', (_name, open, numRuns) => {
  const incidents = fc.array(incident, { minLength: 60, maxLength: 60 });

  test('keys, history and hashes are the same after a stop at any point', async () => {
    await fc.assert(
      fc.asyncProperty(kvHistory, incidents, fc.nat(3), async (turns, incidents, surviving) => {
        await expectSameAfter(await runOnce(turns, () => {}), await open(), incidents, surviving);
      }),
      { numRuns },
    );
  }, 120_000);

  test('a stop while a compaction is being carried out changes nothing of it', async () => {
    const compacting = (script: Script): void => {
      for (let round = 0; round < 6; round++) {
        const keys = Array.from({ length: 100 }, (_, at) => `${round % 2}/${at}`);
        script.do(
          kvOp.txn(
            [],
            keys.map((key) => inside.put(key, `${round}`)),
          ),
        );
        if (round === 2) script.do(kvOp.delete('0/', '0/5'));
      }
      script.do(kvOp.delete('1/', '1/3'));
      for (const revision of [5, 8, 9]) {
        script.do(kvOp.compact(revision));
        script.do(op.advance());
      }
      script.do(op.advance());
    };
    await fc.assert(
      fc.asyncProperty(incidents, fc.nat(3), async (incidents, surviving) => {
        await expectSameAfter(await runOnce([], compacting), await open(), incidents, surviving);
      }),
      { numRuns: Math.ceil(numRuns / 8) },
    );
  }, 120_000);
});
