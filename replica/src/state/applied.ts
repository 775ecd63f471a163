import type { Result } from '@aegis/proto/replica/command';
import type { KvChange } from './kv/change.js';

/** A committed entry, as the driver hands it over. */
export interface CommittedEntry {
  readonly term: number;
  readonly index: number;
  /** An encoded Batch; empty for the entry with which a leader begins its term. */
  readonly data: Uint8Array;
}

/** What applying an entry came to. */
export interface Applied {
  /** Whose batch it was (Batch.origin and Batch.number); 0 for entries without a batch. */
  readonly origin: number;
  readonly number: number;
  /** The leader's stamp that it carried, in milliseconds; 0 for entries without a batch. */
  readonly stampMs: number;
  /** One for each command, in order. Kept by the session table: never to be changed. */
  readonly results: readonly Result[];
  /** In the order in which they happened. */
  readonly events: readonly StateEvent[];
  /** Changes of versioned keys, in the order of their revisions. */
  readonly changes: readonly KvChange[];
  /** Every replica is to hash its rows as they are now. */
  readonly scrub: boolean;
}

/** Claims live in two namespaces that share everything but their names. */
export type ClaimKind = 'lock' | 'election';

export type StateEventType = 'granted' | 'queued' | 'released' | 'leaseEnded' | 'waitEnded' | 'proclaimed';

/** A change of one claim, for watchers and for callers that were answered "queued". */
export interface StateEvent {
  readonly type: StateEventType;
  readonly kind: ClaimKind;
  readonly name: string;
  readonly lease: string;
  readonly claim: number;
  /** The token that the claim holds, or held until now; 0 if it was only queued. */
  readonly token: number;
  /** The log index at which it happened. */
  readonly index: number;
  /** Elections: the candidate's value. */
  readonly value: Uint8Array | undefined;
}
