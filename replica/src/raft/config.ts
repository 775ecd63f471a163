import type { EntrySize } from './entry-size.js';
import { isLocalTarget } from './message.js';
import { RaftError } from './errors.js';
import { silentLogger, type Logger } from './logger.js';
import type { Storage } from './storage.js';
import { NO_LIMIT, NONE } from './types.js';

/** How a leader makes sure that it still leads before it answers a read. */
export const ReadOnlyOption = {
  /** A round of heartbeats. Safe whatever the clocks do. */
  Safe: 0,
  /** Trusts check-quorum's lease, so clocks must not drift. For comparison with other systems only. */
  LeaseBased: 1,
} as const;
export type ReadOnlyOption = (typeof ReadOnlyOption)[keyof typeof ReadOnlyOption];

/** Sizes are bytes by `entrySize` or payload bytes; times are ticks. */
export interface Config {
  id: number;
  /** Ticks without a leader until an election; a fresh random timeout lies in [electionTick, 2 × electionTick). */
  electionTick: number;
  heartbeatTick: number;
  storage: Storage;
  entrySize: EntrySize;
  /** A random integer in [0, n): the core draws election timeouts from it and nothing else. */
  randomInt: (n: number) => number;
  /** Index that the state machine already holds at a restart. */
  applied?: number;
  /** Storage work leaves as messages and its completion comes back as messages; `advance` is not used then. */
  asyncStorageWrites?: boolean;
  /** Entries of one append, in bytes. 0: one entry a message. */
  maxSizePerMsg: number;
  /** Committed entries handed out and not yet applied, in bytes. 0 or absent: as maxSizePerMsg. */
  maxCommittedSizePerReady?: number;
  /** Payload of a leader's uncommitted tail, in bytes; proposals beyond it are dropped. 0 or absent: no limit. */
  maxUncommittedEntriesSize?: number;
  /** Appends in flight to one follower. */
  maxInflightMsgs: number;
  /** Payload in flight to one follower, in bytes. 0 or absent: no limit. */
  maxInflightBytes?: number;
  /** A leader that hears from no quorum within an election timeout steps down, and followers with a leader deny votes. */
  checkQuorum?: boolean;
  /** Ask whether an election could be won before raising the term (thesis §9.6). */
  preVote?: boolean;
  readOnlyOption?: ReadOnlyOption;
  logger?: Logger;
  /** Followers drop proposals instead of passing them to the leader. */
  disableProposalForwarding?: boolean;
  /** Propose-time checks of membership changes off: only for callers that order and check changes themselves. */
  disableConfChangeValidation?: boolean;
  /** A leader that was removed or demoted steps down when that change is applied. */
  stepDownOnRemoval?: boolean;
}

/** A configuration without gaps. */
export type Settings = Required<Config>;

/** Fills the gaps; throws INVALID_CONFIG when the settings contradict each other. */
export function settle(config: Config): Settings {
  const invalid = (detail: string) => new RaftError('INVALID_CONFIG', detail);
  if (config.id === NONE) throw invalid('id 0 means no node');
  if (isLocalTarget(config.id)) throw invalid('the id is reserved for a local thread');
  if (!Number.isSafeInteger(config.id) || config.id < 0)
    throw invalid('the id must be a positive safe integer');
  if (!(config.heartbeatTick > 0)) throw invalid('heartbeatTick must be above 0');
  if (!(config.electionTick > config.heartbeatTick))
    throw invalid('electionTick must be above heartbeatTick');
  if (!(config.maxInflightMsgs > 0)) throw invalid('maxInflightMsgs must be above 0');
  const maxInflightBytes = config.maxInflightBytes || NO_LIMIT;
  if (maxInflightBytes < config.maxSizePerMsg) throw invalid('maxInflightBytes must hold maxSizePerMsg');
  const readOnlyOption = config.readOnlyOption ?? ReadOnlyOption.Safe;
  if (readOnlyOption === ReadOnlyOption.LeaseBased && config.checkQuorum !== true) {
    throw invalid('lease-based reads need checkQuorum');
  }
  return {
    id: config.id,
    electionTick: config.electionTick,
    heartbeatTick: config.heartbeatTick,
    storage: config.storage,
    entrySize: config.entrySize,
    randomInt: config.randomInt,
    applied: config.applied ?? 0,
    asyncStorageWrites: config.asyncStorageWrites ?? false,
    maxSizePerMsg: config.maxSizePerMsg,
    maxCommittedSizePerReady: config.maxCommittedSizePerReady || config.maxSizePerMsg,
    maxUncommittedEntriesSize: config.maxUncommittedEntriesSize || NO_LIMIT,
    maxInflightMsgs: config.maxInflightMsgs,
    maxInflightBytes,
    checkQuorum: config.checkQuorum ?? false,
    preVote: config.preVote ?? false,
    readOnlyOption,
    logger: config.logger ?? silentLogger,
    disableProposalForwarding: config.disableProposalForwarding ?? false,
    disableConfChangeValidation: config.disableConfChangeValidation ?? false,
    stepDownOnRemoval: config.stepDownOnRemoval ?? false,
  };
}
