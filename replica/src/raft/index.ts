/**
 * The consensus core: a state machine with the protocol behaviour of etcd's raft library, pure and deterministic. It
 * performs no I/O, reads no clock, draws no randomness, and imports nothing from outside this folder.
 */
export { InvariantViolation } from './assert.js';
export { type Peer } from './bootstrap.js';
export { type Config, ReadOnlyOption } from './config.js';
export {
  confChangeOf,
  decodeConfChangeV1,
  decodeConfChangeV2,
  encodeConfChange,
} from './conf-change/codec.js';
export { asV2, ConfChangeTransition, ConfChangeType } from './conf-change/conf-change.js';
export type { AnyConfChange, ConfChange, ConfChangeSingle, ConfChangeV2 } from './conf-change/conf-change.js';
export { protobufEntrySize, type EntrySize } from './entry-size.js';
export { isRaftError, RaftError, raftErrorCodes, type RaftErrorCode } from './errors.js';
export { type Logger, silentLogger } from './logger.js';
export { MemoryStorage } from './memory-storage.js';
export { isLocalTarget, message, MessageType, messageTypeName, type Message } from './message.js';
export { isJoint, isVoter, jointVoters, type JointConfig } from './quorum/joint.js';
export { majority } from './quorum/majority.js';
export { RawNode } from './raw-node.js';
export { type Ready } from './ready.js';
export { type BasicStatus, type Status } from './status.js';
export { type Storage } from './storage.js';
export { Inflights } from './tracker/inflights.js';
export { Progress, ProgressState } from './tracker/progress.js';
export { type TrackerConfig } from './tracker/tracker-config.js';
export * from './types.js';
