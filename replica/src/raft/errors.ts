/**
 * The one catalogue of the core's operating errors. They are expected to happen and say nothing about a bug: `step`
 * and `propose` return them, `Storage` throws them.
 */
const catalogue = {
  /** No leader, a transfer in progress, the uncommitted limit, or forwarding is off. The proposer may try again. */
  PROPOSAL_DROPPED: 'the proposal was dropped',
  /** A message that only this process may make arrived as if from a peer. */
  STEP_LOCAL_MESSAGE: 'a local message cannot come from a peer',
  /** A response from a member that the active configuration does not know. */
  STEP_PEER_NOT_FOUND: 'the sender of the response is not a member',
  /** Storage: the index lies before the first entry that is kept. */
  COMPACTED: 'the index is compacted',
  /** Storage: the index lies after the last entry that is stored. */
  UNAVAILABLE: 'the index is not available',
  /** Storage: a snapshot older than the one in place. */
  SNAPSHOT_OUT_OF_DATE: 'the snapshot is older than the one in place',
  /** Storage: a snapshot is still being made; the core asks again later. */
  SNAPSHOT_TEMPORARILY_UNAVAILABLE: 'the snapshot is not ready yet',
  /** Bootstrap needs at least one first member. */
  BOOTSTRAP_WITHOUT_PEERS: 'bootstrap needs at least one peer',
  /** Bootstrap may only start an empty log. */
  BOOTSTRAP_NONEMPTY: 'bootstrap needs an empty storage',
  /** Thrown by the constructor: the settings contradict each other. */
  INVALID_CONFIG: 'the configuration is invalid',
} as const;

export type RaftErrorCode = keyof typeof catalogue;

export class RaftError extends Error {
  override readonly name = 'RaftError';
  readonly code: RaftErrorCode;

  constructor(code: RaftErrorCode, detail?: string) {
    super(detail === undefined ? catalogue[code] : `${catalogue[code]}: ${detail}`);
    this.code = code;
  }
}

export const raftErrorCodes = Object.keys(catalogue) as RaftErrorCode[];

/** Whether `error` is the named operating error. */
export function isRaftError(error: unknown, code: RaftErrorCode): error is RaftError {
  return error instanceof RaftError && error.code === code;
}

// Returned on hot paths, so made once: an Error captures a stack, which costs far more than the answer itself.
export const proposalDropped = new RaftError('PROPOSAL_DROPPED');
export const stepLocalMessage = new RaftError('STEP_LOCAL_MESSAGE');
export const stepPeerNotFound = new RaftError('STEP_PEER_NOT_FOUND');
