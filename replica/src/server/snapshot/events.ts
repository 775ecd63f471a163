import type { SnapshotOffer } from '@aegis/proto/replica/peer';

import type { Sent } from './outgoing.js';

/** What is told of snapshots: for logs and metrics. */
export interface SnapshotEvents {
  sending(to: number, offer: SnapshotOffer): void;
  sent(to: number, sent: Sent): void;
  receiving(from: number, offer: SnapshotOffer): void;
  /** Bytes of rows that were taken. */
  receivedBytes(bytes: number): void;
  refused(from: number, reason: string): void;
  installed(index: number, folder: string): void;
}

export const silentSnapshotEvents: SnapshotEvents = {
  sending: () => {},
  sent: () => {},
  receiving: () => {},
  receivedBytes: () => {},
  refused: () => {},
  installed: () => {},
};
