import type { Entry, HardState, Message, Snapshot } from '../../raft/index.js';

export interface Gathered {
  readonly entries: Entry[];
  readonly hardState: HardState | undefined;
  readonly snapshot: Snapshot | undefined;
}

/**
 * Several storage messages as one batch: the newest hard state, the newest snapshot, and the entries after it, with
 * overwritten tails cut off.
 */
export function gather(messages: readonly Message[]): Gathered {
  const entries: Entry[] = [];
  let hardState: HardState | undefined;
  let snapshot: Snapshot | undefined;
  for (const m of messages) {
    // All three are 0 when the hard state has not changed (as in the core's contract).
    if (m.term !== 0 || m.vote !== 0 || m.commit !== 0) {
      hardState = { term: m.term, vote: m.vote, commit: m.commit };
    }
    if (m.snapshot !== undefined) {
      // It takes the place of everything that was to be written before it.
      snapshot = m.snapshot;
      entries.length = 0;
    }
    const first = m.entries[0];
    if (first !== undefined && entries.length > 0 && first.index <= entries.at(-1)!.index) {
      const keep = Math.max(0, first.index - entries[0]!.index);
      entries.length = keep;
    }
    for (const entry of m.entries) entries.push(entry);
  }
  return { entries, hardState, snapshot };
}
