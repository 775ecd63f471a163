import type { SessionResponse } from '@aegis/proto/v1/session';
import type { AegisError } from '../errors/index.js';
import type { StreamHandle } from './stream-handle.js';

/** What is carried by the stream, and hears of its fate. */
export interface Passenger {
  /** Whether a stream is wanted at all: without anything to do, a lost one is not replaced. */
  wantsStream(): boolean;
  /** `current` replaces `previous`, which stays open until nothing is unanswered on it. */
  onAdopted(current: StreamHandle, previous: StreamHandle | undefined): void;
  /** The replica at the other end of the current stream told of another leader. */
  onLeaderChange(): void;
  onFrame(handle: StreamHandle, frame: SessionResponse): void;
  onRoom(handle: StreamHandle): void;
  /** A stream that had been adopted broke. */
  onLost(handle: StreamHandle, error: AegisError): void;
  /** A replica could not be reached, or refused the stream. */
  onUnreachable(error: AegisError): void;
}
