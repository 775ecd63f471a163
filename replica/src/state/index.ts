/**
 * The replicated state machine: leases, locks, elections, versioned keys, and the table that makes calls take effect at most once.
 *
 * What it needs of its caller, the driver:
 * - open a storage that nobody else writes, `StateMachine.open` it, and `bootstrap` it if the cluster is new;
 * - hand over every committed entry once and in order, from appliedIndex + 1: to `apply`, configuration changes to
 *   `applyMembership`, with what `planChange` or `leaveJoint` makes of the membership. Whatever these throw ends the process;
 * - stamp every batch (lease time, rule 2), and propose Advance while `hasTimedWork` and Expire when `dueCount` says so;
 * - `flush` when `dirtyBytes` has grown, and `sync` every few seconds: the log may be cut up to `durableIndex`. One that found
 *   no room is made again; any other failure ends the process;
 * - `beginNewCluster` on a state that a backup brought, before anything is applied to it;
 * - read a `view` for a snapshot, and `takeOver` the state that a snapshot brought; entries up to its index must not be applied
 *   afterwards.
 */
export { assert, NewerStateError, StateAssertionError, UnknownCommandError } from './assert.js';
export type { Applied, ClaimKind, CommittedEntry, StateEvent, StateEventType } from './applied.js';
export { StateMachine } from './machine.js';
export type { ContentHash, MachineOptions } from './machine.js';
export type { KvStanding, StateCounts } from './queries.js';
export { noSpace } from './alarms/growth.js';
export { checkDelete, checkPut, checkRange } from './kv/check.js';
export { checkTxn } from './kv/txn-check.js';
export { txnBytes } from './kv/txn-size.js';
export { costOfTxn } from './kv/quota.js';
export type { KvChange } from './kv/change.js';
export type { ChangesSince } from './kv/history.js';
export { holds, type KeyRange, keyRangeOf } from './kv/key-range.js';
export type { LeaseSettings } from './lease/settings.js';
export type { ConfState, MemberRecord, Membership } from './membership/membership.js';
export { isJoint, isRemoved, leaveJoint, type Plan, planChange, type Planned } from './membership/change.js';
export { decodeMembershipChange, type KnownChange } from './membership/decode.js';
export type { CoreChange } from './membership/change.js';
export { RESTORE_JUMP } from './new-cluster.js';
export { isMetaRow } from './rows/layout.js';
export { MemoryStorage } from './storage/memory.js';
export { hasRoom, roomBytes, SPARED_BYTES } from './storage/room.js';
export { RocksStorage } from './storage/rocksdb.js';
export type { StateStorage, StorageRange, StorageRow, StorageWrite } from './storage/storage.js';
export { FIRST_VERSION, STATE_VERSION } from './version.js';
export type { StateView } from './view.js';
