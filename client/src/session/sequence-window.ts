import type { Call } from '@aegis/proto/v1/session';

/** How many sequences of a session may lie between the lowest unanswered one and the newest, in the contract. */
export const WINDOW_SIZE = 4_096;

/**
 * The sequence numbers of one session. They make its calls apply at most once: a replica remembers the results from
 * the lowest unanswered one on, and refuses what lies below it.
 *
 * Must hold: 0 ≤ next − lowestUnanswered ≤ 4,096; a number is answered once; none is ever used again.
 */
export class SequenceWindow {
  private next = 1;
  private lowestUnanswered = 1;
  /** Answered sequences above the lowest unanswered one, by sequence modulo the size of the window. */
  private readonly answered = new Uint8Array(WINDOW_SIZE);

  /**
   * @param lease the session's lease, a decimal string
   * @param grantIndex the log index of its grant
   */
  constructor(
    readonly lease: string,
    readonly grantIndex: number,
  ) {}

  /** A fresh sequence, or 0 while too many are unanswered. */
  take(): number {
    if (this.next - this.lowestUnanswered >= WINDOW_SIZE) return 0;
    return this.next++;
  }

  /** What travels with a call. Made anew whenever it is sent again, because the lowest unanswered one moves. */
  call(sequence: number): Call {
    return {
      lease: this.lease,
      grantIndex: this.grantIndex,
      sequence,
      lowestUnanswered: this.lowestUnanswered,
    };
  }

  /** The answer has arrived, or will never matter again. */
  settle(sequence: number): void {
    if (sequence < this.lowestUnanswered || sequence >= this.next) {
      throw new RangeError(`sequence ${sequence} outside ${this.lowestUnanswered}..${this.next - 1}`);
    }
    this.answered[sequence % WINDOW_SIZE] = 1;
    while (this.answered[this.lowestUnanswered % WINDOW_SIZE] === 1) {
      this.answered[this.lowestUnanswered % WINDOW_SIZE] = 0;
      this.lowestUnanswered++;
    }
  }
}
