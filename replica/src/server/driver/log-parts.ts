import type { LogBatch } from '../../log/index.js';
import type { Entry } from '../../raft/index.js';

/** About what the log adds to an entry's data. */
const ENTRY_BYTES = 64;

/**
 * Cuts a batch into ones of about `bytesMax`, to be written in order. What a slow disk makes wait grows without a bound, and a
 * batch must fit one segment of the log.
 *
 * A crash may come between any two: so the term and the vote go with the first part and every one after it, the snapshot with the
 * first, and no part claims commits that it does not hold yet.
 */
export function inParts(batch: LogBatch, bytesMax: number): LogBatch[] {
  const runs = runsOf(batch.entries, bytesMax);
  if (runs.length < 2) return [batch];
  const { snapshot, stateFolder, hardState } = batch;
  return runs.map((entries, at) => ({
    entries,
    ...(hardState === undefined
      ? {}
      : { hardState: { ...hardState, commit: Math.min(hardState.commit, entries.at(-1)!.index) } }),
    ...(at > 0 || snapshot === undefined ? {} : { snapshot }),
    ...(at > 0 || stateFolder === undefined ? {} : { stateFolder }),
  }));
}

/** At least one entry each. */
function runsOf(entries: readonly Entry[], bytesMax: number): Entry[][] {
  const runs: Entry[][] = [];
  let bytes = Infinity;
  for (const entry of entries) {
    const more = entry.data.length + ENTRY_BYTES;
    if (bytes + more > bytesMax) {
      runs.push([]);
      bytes = 0;
    }
    runs.at(-1)!.push(entry);
    bytes += more;
  }
  return runs;
}
