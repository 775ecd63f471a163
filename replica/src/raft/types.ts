/** No node: an unknown leader, an uncast vote. Real ids are safe integers above 0. */
export const NONE = 0;
/** Target of MsgStorageAppend: whatever writes this replica's log. Not a member id. */
export const LOCAL_APPEND_THREAD = -1;
/** Target of MsgStorageApply: whatever feeds this replica's state machine. Not a member id. */
export const LOCAL_APPLY_THREAD = -2;
/** A size without a limit. */
export const NO_LIMIT = Number.POSITIVE_INFINITY;

export const EntryType = { Normal: 0, ConfChange: 1, ConfChangeV2: 2 } as const;
export type EntryType = (typeof EntryType)[keyof typeof EntryType];

/** Immutable once it is in a log. Proposals carry term and index 0; the leader stamps copies. */
export interface Entry {
  term: number;
  index: number;
  type: EntryType;
  data: Uint8Array;
}

/** What must survive a crash besides the entries. Commit may lag behind; term and vote must not. */
export interface HardState {
  term: number;
  vote: number;
  commit: number;
}

export const StateType = { Follower: 0, Candidate: 1, Leader: 2, PreCandidate: 3 } as const;
export type StateType = (typeof StateType)[keyof typeof StateType];

/** Volatile: useful to callers, never stored. */
export interface SoftState {
  lead: number;
  state: StateType;
}

/** A configuration as data, its lists sorted. Joint exactly when `votersOutgoing` has members. */
export interface ConfState {
  voters: number[];
  learners: number[];
  votersOutgoing: number[];
  /** Voters of the outgoing half that become learners when the joint configuration is left. */
  learnersNext: number[];
  autoLeave: boolean;
}

export interface SnapshotMetadata {
  confState: ConfState;
  index: number;
  term: number;
}

/** State up to and including `metadata.index`. Immutable once handed over. Index 0 means: no snapshot. */
export interface Snapshot {
  data: Uint8Array;
  metadata: SnapshotMetadata;
}

/** Answer to `readIndex(context)`: a read that saw the state machine at `index` or later is linearizable. */
export interface ReadState {
  index: number;
  context: Uint8Array;
}

export const emptyBytes = new Uint8Array(0);

/**
 * The payload of an entry that took the place of a refused configuration change. Known by identity, so that within
 * this process a proposer can tell it from an ordinary empty entry.
 */
export const refusedChangeData = new Uint8Array(0);

export function emptyConfState(): ConfState {
  return { voters: [], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false };
}

export function emptySnapshot(): Snapshot {
  return { data: emptyBytes, metadata: { confState: emptyConfState(), index: 0, term: 0 } };
}
