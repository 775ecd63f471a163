import type { KvStore } from './store.js';

/** Revisions that one entry removes, and more for each of its commands, so that removal outruns what they add. */
const PER_ENTRY = 256;
const PER_COMMAND = 2;

/**
 * Removes a bounded number of revisions that the compaction has given up. Which come first depends on the rows alone,
 * so that a replica that restarts half-way goes on as the others do.
 */
export function sweep(kv: KvStore, commands: number): void {
  const { superseded, deletes, compactedRevision } = kv;
  for (let budget = PER_ENTRY + PER_COMMAND * commands; budget > 0; budget--) {
    // With deletes first among equals, each is the oldest of its key when its turn comes.
    const next = deletes.headFrom <= superseded.headFrom ? deletes : superseded;
    if (next.headFrom > compactedRevision) return;
    const history = kv.index.at(next.shift());
    const { revision, last } = history.forgetOldest();
    kv.values.delete(revision);
    kv.bytes -= revision.size;
    if (last) kv.index.remove(history);
  }
}
