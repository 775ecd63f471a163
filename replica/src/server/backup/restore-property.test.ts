import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { BackupParser } from '../../backup/index.js';
import { kvHistory, type KvTurn } from '../../state/kv/testing/kv-history.js';
import { plain, rangeRequest } from '../../state/kv/testing/kv-script.js';
import { MemoryStorage, StateMachine } from '../../state/index.js';
import { commandOf, history, type Turn } from '../../state/testing/history.js';
import { MEMBERSHIP, Script } from '../../state/testing/script.js';
import { restoreState } from './restore-state.js';
import { backupOf } from './testing/backup-of.js';

const RUNS = Number(process.env['AEGIS_PROPERTY_RUNS'] ?? 60);
const ALL = rangeRequest('\0', '\0');
const OTHER = { ...MEMBERSHIP, clusterId: 'restored' };
const FOLDERS = {
  create: () => Promise.resolve(new MemoryStorage()),
  sync: () => Promise.resolve(),
  remove: () => Promise.resolve(),
};

function playLocks(script: Script, turns: readonly Turn[]): void {
  const { machine } = script;
  for (const each of turns) {
    if ('leader' in each) {
      script.changeLeader();
      continue;
    }
    script.stampMs += each.passMs;
    script.batch(
      each.drafts.map((draft) =>
        commandOf(draft, machine.leaseClockMs, (lease) => machine.lease(lease)?.grantIndex),
      ),
    );
  }
}

function playKeys(script: Script, turns: readonly KvTurn[]): void {
  const { machine } = script;
  for (const { passMs, drafts } of turns) {
    script.stampMs += passMs;
    script.batch(
      drafts.map((draft) => ({ call: undefined, op: draft(machine.kv.revision, machine.leaseClockMs) })),
    );
  }
}

/** Another machine that holds the same. */
async function copyOf(machine: StateMachine): Promise<StateMachine> {
  const storage = new MemoryStorage();
  for await (const row of machine.view().rows) await storage.write([row], { sync: false });
  return StateMachine.open(storage);
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const runs = fc.record({
  locks: history,
  keys: kvHistory,
  laterLocks: history,
  laterKeys: kvHistory,
  flushed: fc.boolean(),
  chunkBytes: fc.constantFrom(1, 60, 500, 100_000),
  pieceBytes: fc.integer({ min: 1, max: 700 }),
});

test('any state, backed up while it moves on, comes back as it was, with larger numbers', async () => {
  await fc.assert(
    fc.asyncProperty(runs, async (given) => {
      const script = await Script.start();
      const { machine } = script;
      playLocks(script, given.locks);
      playKeys(script, given.keys);
      if (given.flushed) await machine.flush();
      const cut = await copyOf(machine);
      const { hash: contentHash } = await cut.contentHash();

      const backup = backupOf(machine, given.chunkBytes);
      playLocks(script, given.laterLocks);
      await machine.flush();
      for (const each of given.laterKeys) {
        playKeys(script, [each]);
        await turn();
        await machine.sync();
      }
      const bytes = await backup;
      const parser = new BackupParser();
      parser.push(bytes);
      const summary = parser.finish();
      expect(summary.header).toMatchObject({ index: cut.appliedIndex, stateHash: cut.hash });
      expect(summary.contentHash.toString('hex')).toBe(contentHash);

      const { machine: restored } = await restoreState(pieces(bytes, given.pieceBytes), FOLDERS, '2', OTHER);
      const before = plain(cut.kvRange(ALL)) as { kvs: { lease: string }[] };
      const after = plain(restored.kvRange(ALL)) as { kvs: unknown[]; revision: number };
      expect(after.kvs).toEqual(before.kvs.filter(({ lease }) => lease === '0'));
      expect(after.revision).toBeGreaterThan(machine.kv.revision);
      expect(restored.kv.compactedRevision).toBe(after.revision);
      expect(restored.newestToken).toBeGreaterThan(machine.newestToken);
      expect(restored.appliedIndex).toBeGreaterThan(machine.appliedIndex);
      expect(restored.counts).toMatchObject({ leases: 0, locks: 0, elections: 0, sessionResults: 0 });

      await cut.beginNewCluster(OTHER);
      expect(restored.hash).toBe(cut.hash);
      expect(await restored.contentHash()).toEqual(await cut.contentHash());
    }),
    { numRuns: RUNS },
  );
}, 240_000);
