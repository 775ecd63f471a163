import type { Message } from './message.js';
import type { Entry, HardState, ReadState, Snapshot, SoftState } from './types.js';

/**
 * Work for the driver. Without async storage writes, in this order: write hardState, snapshot and entries (an entry
 * replaces the stored one of its index and all after it) and sync if `mustSync`; send messages; apply the snapshot,
 * then committedEntries; call advance. With async storage writes `messages` alone tell what to do.
 */
export interface Ready {
  /** Only when it changed. */
  softState: SoftState | undefined;
  /** Only when it changed. */
  hardState: HardState | undefined;
  readStates: readonly ReadState[];
  entries: readonly Entry[];
  snapshot: Snapshot | undefined;
  committedEntries: readonly Entry[];
  /** In sending order. */
  messages: readonly Message[];
  /** Term, vote or entries changed: the write must be durable before the messages leave. A commit alone need not be. */
  mustSync: boolean;
}
