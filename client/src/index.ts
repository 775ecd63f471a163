/** The public entry of the client: everything else in this folder is its own business. */
export { connect, Client, type ClientOptions, type TakeLock } from './client.js';
export type { ClientSession } from './session/client-session.js';
export type { BackupOptions } from './cluster/backup-stream.js';
export type { EndpointStatus } from './cluster/cluster.js';
export type { Election, ElectionState, CampaignOptions } from './election/election.js';
export type { Leadership } from './election/leadership.js';
export type { KeyValue } from '@aegis/proto/v1/kv';
export type { Bytes } from './kv/bytes.js';
export { compare, type Relation } from './kv/compare.js';
export type { Kv } from './kv/kv.js';
export type { KvWatch } from './kv/kv-watch.js';
export type { DeleteOptions, PageOptions, PutOptions, RangeOptions, ReadOptions } from './kv/requests.js';
export type { Selection } from './kv/selection.js';
export { op, type Txn, type TxnAnswer, type TxnOutcome, type TxnParts } from './kv/txn.js';
export type { WatchBatch, WatchEvent, WatchOptions } from './kv/watch-options.js';
export type { GrantedLease, LeasePage, Leases } from './lease/leases.js';
export type { Held, Hold } from './lock/held.js';
export type { AcquireOptions, Lock } from './lock/lock.js';
export type { LockKind, LockOptions } from './lock/options.js';
export { Trust, trustMarginMs } from './lease/trust.js';
export type { TlsOptions } from './stream/credentials.js';
export type { Stream, StreamListener, Transport } from './stream/transport.js';
export {
  elapsedMs,
  systemClock,
  systemTimers,
  type Clock,
  type Instant,
  type Timers,
} from './clock/clock.js';
export * from './errors/index.js';
