import type { SessionRequest, SessionResponse } from '@aegis/proto/v1/session';
import type { AegisError } from '../errors/index.js';

/** What a stream reports. Nothing is reported after `onEnd`, nor after the stream was closed from this side. */
export interface StreamListener {
  onFrame(frame: SessionResponse): void;
  /** There is room again after a write that returned false. */
  onDrain(): void;
  /** The stream broke or the replica ended it. At most once. */
  onEnd(error: AegisError): void;
}

/** One open session stream to one replica. */
export interface Stream {
  /** False: the frame was taken, but no more should be written until `onDrain`. */
  write(frame: SessionRequest): boolean;
  close(): void;
}

/** The way to the replicas: sockets live behind this, so that everything above it can be tested without any. */
export interface Transport {
  /**
   * Begins to open a stream; failures are reported to the listener, never thrown, and never before this returns.
   * @param endpoint `host:port`
   */
  open(endpoint: string, listener: StreamListener): Stream;
  /** Streams to these may be opened later: a transport that needs their names answered may ask while they are. */
  learn?(endpoints: readonly string[]): void;
}
