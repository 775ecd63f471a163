import type { HashKind, Standings } from './hash-book.js';

/** A state that is not the one that a quorum has. */
export interface Divergence {
  readonly kind: HashKind;
  /** The log entry after which the states were compared. */
  readonly index: number;
  /** Hex digest, or UNREADABLE. */
  readonly own: string;
  readonly quorum: string;
  /** The members that have the quorum's, in order. */
  readonly members: readonly number[];
}

/** What is told of hashes and scrubs: for logs, metrics, and the end of a replica. */
export interface IntegrityEvents {
  scrubbing(index: number): void;
  /** `hash` is a hex digest of all rows; undefined: they could not all be read, for the reason given. */
  scrubbed(index: number, hash: string | undefined, elapsedMs: number, reason?: string): void;
  /** All members have the same value. */
  agreed(kind: HashKind, index: number): void;
  /** Members have different values. Said once an index. */
  mismatch(kind: HashKind, index: number, standings: Standings): void;
  /** No value has a quorum: the cluster is told. */
  corrupt(kind: HashKind, index: number, standings: Standings): void;
  /** This replica must not go on. Said once. */
  diverged(found: Divergence): void;
}

export const silentIntegrityEvents: IntegrityEvents = {
  scrubbing: () => {},
  scrubbed: () => {},
  agreed: () => {},
  mismatch: () => {},
  corrupt: () => {},
  diverged: () => {},
};
