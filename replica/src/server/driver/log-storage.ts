import type { ConfState, Entry, HardState, Snapshot, Storage } from '../../raft/index.js';
import { RaftError } from '../../raft/index.js';
import type { ConfState as ReplicatedConfState } from '../../state/index.js';

/** The part of the log that the core reads. */
export interface ReadableLog {
  readonly hardState: HardState;
  term(index: number): number;
  entries(lo: number, hi: number, maxBytes: number): Entry[];
  firstIndex(): number;
  lastIndex(): number;
}

/**
 * The core's view of log and state at a start. What RocksDB has applied was committed, even where the last hard
 * state that reached the disk says less.
 */
export function logStorage(log: ReadableLog, applied: number, replicated: ReplicatedConfState): Storage {
  const hardState = { ...log.hardState, commit: Math.max(log.hardState.commit, applied) };
  const confState: ConfState = {
    voters: [...replicated.voters],
    learners: [...replicated.learners],
    votersOutgoing: [...replicated.votersOutgoing],
    learnersNext: [...replicated.learnersNext],
    autoLeave: replicated.autoLeave,
  };
  return {
    initialState: () => ({ hardState, confState }),
    entries: (lo, hi, maxBytes) => log.entries(lo, hi, maxBytes),
    term: (index) => log.term(index),
    lastIndex: () => log.lastIndex(),
    firstIndex: () => log.firstIndex(),
    snapshot: (): Snapshot => {
      throw new RaftError('SNAPSHOT_TEMPORARILY_UNAVAILABLE');
    },
  };
}
