import type { Clock, Timers } from '../clock/clock.js';
import type { Ledger } from './ledger.js';
import type { Navigator } from './navigator.js';

/** Most operations unanswered on one stream. */
const UNANSWERED_MAX = 8_192;

/** Writes what has gathered in the outbox at the end of the turn, as one frame unless that were too large. */
export class Outflow {
  private scheduled = false;

  constructor(
    private readonly ledger: Ledger,
    private readonly navigator: Navigator,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.timers.endOfTurn(() => this.flush());
  }

  private flush(): void {
    this.scheduled = false;
    const stream = this.navigator.current;
    if (stream === undefined) return;
    while (stream.writable && stream.unanswered < UNANSWERED_MAX) {
      const frame = this.ledger.nextFrame(stream, UNANSWERED_MAX - stream.unanswered, this.clock.now());
      if (frame === undefined) return;
      stream.write(frame);
    }
  }
}
