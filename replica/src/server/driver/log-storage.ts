import type { ConfState, Entry, HardState, Snapshot, Storage } from '../../raft/index.js';
import { emptyBytes, RaftError } from '../../raft/index.js';
import type { ConfState as ReplicatedConfState, Membership } from '../../state/index.js';

/** The part of the log that the core reads. */
export interface ReadableLog {
  readonly hardState: HardState;
  term(index: number): number;
  entries(lo: number, hi: number, maxBytes: number): Entry[];
  firstIndex(): number;
  lastIndex(): number;
}

/** The part of the state machine that the core reads. */
export interface ReadableState {
  readonly appliedIndex: number;
  readonly appliedTerm: number;
  readonly membership: Membership | undefined;
}

/**
 * The core's view of log and state. What RocksDB has applied at a start was committed, even where the last hard state that
 * reached the disk says less. A snapshot is the state as it stands; only its name is here, it travels on its own.
 */
export function logStorage(log: ReadableLog, state: ReadableState): Storage {
  const hardState = { ...log.hardState, commit: Math.max(log.hardState.commit, state.appliedIndex) };
  const confState = coreConfState(state.membership!.confState);
  return {
    initialState: () => ({ hardState, confState }),
    entries: (lo, hi, maxBytes) => log.entries(lo, hi, maxBytes),
    term: (index) => log.term(index),
    lastIndex: () => log.lastIndex(),
    firstIndex: () => log.firstIndex(),
    snapshot: (): Snapshot => {
      const { appliedIndex: index, appliedTerm: term } = state;
      // While a snapshot is being installed the log is ahead of the state.
      if (index === 0 || index + 1 < log.firstIndex())
        throw new RaftError('SNAPSHOT_TEMPORARILY_UNAVAILABLE');
      return {
        data: emptyBytes,
        metadata: { index, term, confState: coreConfState(state.membership!.confState) },
      };
    },
  };
}

/** The replicated record of a configuration as the core takes it: lists of its own. */
export function coreConfState(replicated: ReplicatedConfState): ConfState {
  return {
    voters: [...replicated.voters],
    learners: [...replicated.learners],
    votersOutgoing: [...replicated.votersOutgoing],
    learnersNext: [...replicated.learnersNext],
    autoLeave: replicated.autoLeave,
  };
}
