import type { SessionRequest, SessionResponse, Welcome } from '@aegis/proto/v1/session';
import type { Clock } from '../clock/clock.js';
import type { AegisError } from '../errors/index.js';
import type { Stream, StreamListener, Transport } from '../stream/transport.js';

export interface StreamOwner {
  onWelcome(handle: StreamHandle, welcome: Welcome): void;
  onFrame(handle: StreamHandle, frame: SessionResponse): void;
  onRoom(handle: StreamHandle): void;
  onStreamEnd(handle: StreamHandle, error: AegisError): void;
}

/** One stream as its connection sees it: to whom, what it said of itself, how much is unanswered on it. */
export class StreamHandle implements StreamListener {
  /** The newest one. Undefined: not welcomed yet, nothing may be sent. */
  welcome: Welcome | undefined;
  /** Operations sent on it that wait for their answer. */
  unanswered = 0;
  /** False while the transport asks to hold back. */
  writable = true;
  /** Since when it owes something and has been silent, on the monotonic clock in milliseconds. */
  quietSinceMs: number;
  private readonly stream: Stream;

  constructor(
    readonly endpoint: string,
    transport: Transport,
    private readonly clock: Clock,
    private readonly owner: StreamOwner,
  ) {
    this.quietSinceMs = clock.now().monotonicMs;
    this.stream = transport.open(endpoint, this);
  }

  /** Whether this stream leads to the leader, as far as its replica knows. */
  get leads(): boolean {
    return this.welcome !== undefined && this.welcome.leaderId === this.welcome.memberId;
  }

  write(frame: SessionRequest): void {
    if (this.unanswered === 0) this.quietSinceMs = this.clock.now().monotonicMs;
    this.unanswered += frame.operations.length;
    this.writable = this.stream.write(frame);
  }

  close(): void {
    this.stream.close();
  }

  onFrame(frame: SessionResponse): void {
    this.quietSinceMs = this.clock.now().monotonicMs;
    if (frame.welcome !== undefined) {
      this.welcome = frame.welcome;
      this.owner.onWelcome(this, frame.welcome);
    }
    if (frame.answers.length > 0 || frame.events.length > 0) this.owner.onFrame(this, frame);
  }

  onDrain(): void {
    this.writable = true;
    this.owner.onRoom(this);
  }

  onEnd(error: AegisError): void {
    this.owner.onStreamEnd(this, error);
  }
}
