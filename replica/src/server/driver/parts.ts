import type { Entry, RawNode, StateType } from '../../raft/index.js';
import type { Applied, Membership, StateMachine } from '../../state/index.js';
import type { PeerTransport } from '../peer/transport.js';
import type { IntegrityOptions } from '../scrub/integrity.js';
import type { SnapshotOptions } from '../snapshot/snapshots.js';
import type { DiskSpace } from '../space/space-keeper.js';
import type { CompactableLog, CompactionLimits } from './compactor.js';
import type { Environment } from './environment.js';
import type { WritableLog } from './log-writer.js';
import type { SharedSettings } from './shared-settings.js';

/** Those that are shared are what a state begins with; see `shared-settings.ts`. */
export interface DriverSettings extends SharedSettings {
  readonly tickMs: number;
  readonly electionTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly pendingCommandsMax: number;
  readonly pendingBytesMax: number;
  readonly batchCommandsMax: number;
  readonly batchBytesMax: number;
  readonly batchDelayMs: number;
  readonly compaction: CompactionLimits;
  /** How often the log is compacted, if that is worth it. */
  readonly compactMs: number;
}

/** What the driver tells the rest of the replica. */
export interface DriverEvents {
  applied(applied: Applied, entry: Entry): void;
  /** Leader or role changed; `lead` is 0 while none is known. */
  leaderChanged(lead: number, role: StateType): void;
  logWritten(elapsedMs: number): void;
  appliedIn(elapsedMs: number, entries: number): void;
  /** Other members, or other roles of theirs. */
  membershipChanged(entry: Entry): void;
  /** That this membership is in force is on disk: it will not be forgotten, and whoever it leaves out may be told. */
  membershipSettled(membership: Membership): void;
  /** This replica is no member any more: it has to end. Said once; `how` it is known. */
  removed(how: string): void;
  /** The state is another one now, that of a snapshot: what was between was not applied here. */
  stateReplaced(): void;
  /** The end of a turn: frames for clients leave now. */
  turnEnded(): void;
  /** The process cannot go on: a failed sync, an unknown command, a broken invariant. */
  fatal(error: unknown): void;
}

export interface DriverParts {
  readonly id: number;
  /** Names this life of the process in batches and reads; below 2^53. */
  readonly origin: number;
  readonly raft: RawNode;
  readonly log: WritableLog & CompactableLog;
  readonly state: StateMachine;
  readonly transport: PeerTransport;
  readonly environment: Environment;
  readonly settings: DriverSettings;
  readonly events: DriverEvents;
  readonly snapshots: SnapshotOptions;
  readonly space: DiskSpace;
  readonly integrity: IntegrityOptions;
}
