import type { Navigator } from './navigator.js';
import { Operation } from './operation.js';

/** Silence after which a stream that owes something is pinged, in milliseconds. */
const PING_AFTER_MS = 500;
/** Silence after which another replica is tried, in milliseconds. A healthy one answers a ping without a quorum. */
const MISTRUST_AFTER_MS = 1_200;
const PING_TIMEOUT_MS = 2_000;

/** Notices a replica that keeps the connection open but no longer speaks: paused, cut off, or hung. */
export class SilenceWatch {
  private pinging = false;

  constructor(
    private readonly navigator: Navigator,
    private readonly submit: (ping: Operation) => void,
  ) {}

  /**
   * @param paused this process itself stood still: the silence was ours
   * @param expecting events may come at any time, though no answer is owed
   */
  look(nowMs: number, paused: boolean, expecting: boolean): void {
    const { current } = this.navigator;
    if (current === undefined) return;
    if (paused) current.quietSinceMs = nowMs;
    if (current.unanswered <= 0 && !expecting) return;
    const quietMs = nowMs - current.quietSinceMs;
    if (quietMs >= MISTRUST_AFTER_MS && current.unanswered > 0) this.navigator.mistrustCurrent(nowMs);
    else if (quietMs >= PING_AFTER_MS && !this.pinging) this.ping(nowMs);
  }

  private ping(nowMs: number): void {
    this.pinging = true;
    const over = (): void => {
      this.pinging = false;
    };
    const caller = { onResult: over, onFailure: over };
    const request = { $case: 'ping' as const, value: {} };
    this.submit(new Operation(request, 'never', caller, undefined, nowMs + PING_TIMEOUT_MS));
  }
}
