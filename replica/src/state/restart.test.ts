import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Applied, CommittedEntry } from './applied.js';
import { StateMachine } from './machine.js';
import { MemoryStorage } from './storage/memory.js';
import { RocksStorage } from './storage/rocksdb.js';
import type { StateStorage } from './storage/storage.js';
import { commandOf, history, LEASES, NAMES, type Turn } from './testing/history.js';
import { MEMBERSHIP, op, Script } from './testing/script.js';

/** What a replica that never stopped came to, entry by entry. */
interface Reference {
  readonly entries: readonly CommittedEntry[];
  readonly applied: readonly (Applied | undefined)[];
  readonly hashes: readonly string[];
  /** All that can be read, at each index. */
  readonly views: readonly object[];
  readonly contents: string;
}

async function runOnce(turns: readonly Turn[]): Promise<Reference> {
  const script = await Script.start();
  for (const turn of turns) {
    if ('leader' in turn) script.changeLeader();
    else {
      script.stampMs += turn.passMs;
      const { machine } = script;
      script.batch(
        turn.drafts.map((draft) =>
          commandOf(draft, machine.leaseClockMs, (id) => machine.lease(id)?.grantIndex),
        ),
      );
    }
  }
  const replay = await StateMachine.open(new MemoryStorage());
  await replay.bootstrap(MEMBERSHIP);
  const applied: Applied[] = [];
  const hashes: string[] = [replay.hash];
  const views: object[] = [viewOf(replay)];
  for (const entry of script.entries) {
    applied.push(replay.apply(entry));
    hashes.push(replay.hash);
    views.push(viewOf(replay));
  }
  expect(replay.hash).toBe(script.machine.hash);
  const { hash: contents } = await replay.contentHash();
  return { entries: script.entries, applied, hashes, views, contents };
}

function viewOf(machine: StateMachine): object {
  const { counts, leaseClockMs, leaseSettings, newestToken, appliedTerm } = machine;
  return {
    scalars: {
      counts,
      leaseClockMs,
      leaseSettings,
      newestToken,
      appliedTerm,
      next: machine.nextDeadlineMs(),
    },
    leases: LEASES.map((id) => machine.lease(id)),
    locks: NAMES.map((name) => machine.lock(name)),
    leaders: NAMES.map((name) => machine.leader(name)),
    lists: [machine.listLeases('0', 0), machine.listLocks('', '', 0)],
  };
}

/** Between two entries. */
type Incident = 'none' | 'flush' | 'sync' | 'restart' | 'content hash';
const incident = fc.constantFrom<Incident>('none', 'none', 'flush', 'sync', 'restart', 'content hash');

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
  const folder = await mkdtemp(join(tmpdir(), 'aegis-restart-'));
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

test('settings, and the waiters that an Expire left over, are what they were', async () => {
  const storage = new MemoryStorage();
  const script = await Script.start(storage);
  script.do(op.settings(1000, 9000, 50));
  script.do(op.grant('1', 2000));
  script.do(op.grant('2', 2000));
  for (const lease of ['1', '2']) script.do(op.acquire('lock', lease));
  script.elapse(2000);
  expect(script.expireDue(1)).toMatchObject({ leases: 1, more: true });
  await script.machine.flush();

  const again = await StateMachine.open(storage);
  expect(again.leaseSettings).toEqual({
    leaseMinTtlMs: 1000,
    leaseMaxTtlMs: 9000,
    leaseExpiryPerTick: 50,
  });
  expect(again.lock('lock')).toMatchObject({ holders: [], waiters: [{ lease: '2' }] });
  script.do(op.keepAlive('2'));
  again.apply(script.entries.at(-1)!);
  expect(again.lock('lock')).toMatchObject({ holders: [{ lease: '2' }], waiters: [] });
  expect(again.hash).toBe(script.machine.hash);
});

describe.each([
  ['memory, which loses what was not synced', inMemory, Number(process.env['AEGIS_PROPERTY_RUNS'] ?? 80)],
  ['RocksDB', onDisk, 12],
])('on %s', (_name, open, numRuns) => {
  test('a replica that stops at any point comes to the same hashes, results and events as one that never did', async () => {
    const incidents = fc.array(incident, { minLength: 60, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(history, incidents, fc.nat(3), async (turns, incidents, surviving) => {
        const { entries, applied, hashes, views, contents } = await runOnce(turns);
        const place = await open();
        let machine = await StateMachine.open(place.storage);
        await machine.bootstrap(MEMBERSHIP);
        let restarts = 0;
        for (let at = 0; at < entries.length; at = machine.appliedIndex) {
          expect(machine.apply(entries[at]!)).toEqual(applied[at]);
          expect(machine.hash).toBe(hashes[at + 1]);
          const what = incidents[(at + restarts * 7) % incidents.length]!;
          if (what === 'flush') await machine.flush();
          if (what === 'sync') await machine.sync();
          if (what === 'content hash') await machine.contentHash();
          if (what === 'restart' && restarts < 10) {
            restarts++;
            const { durableIndex, appliedIndex } = machine;
            machine = await StateMachine.open(await place.restart(surviving));
            expect(machine.appliedIndex).toBeGreaterThanOrEqual(durableIndex);
            expect(machine.appliedIndex).toBeLessThanOrEqual(appliedIndex);
            expect(machine.hash).toBe(hashes[machine.appliedIndex]);
            expect(machine.membership).toEqual(MEMBERSHIP);
            expect(viewOf(machine)).toEqual(views[machine.appliedIndex]);
          }
        }
        expect((await machine.contentHash()).hash).toBe(contents);
        await machine.sync();
        expect((await machine.contentHash()).hash).toBe(contents);
        await place.end();
      }),
      { numRuns },
    );
  }, 120_000);
});
