import { Deadline, RANK } from '../deadline/deadline.js';
import { delayKey } from '../rows/layout.js';
import { Row } from '../rows/row.js';
import type { Lock } from './lock.js';

/** The rest of a lock after the lease of a holder ended: nothing is granted until an Expire ends it. */
export class Delay {
  readonly what = 'delay';
  readonly deadline: Deadline<Delay>;
  readonly row: Row;

  constructor(
    readonly lock: Lock,
    /** Of the claim that left it. */
    readonly number: number,
    deadlineMs: number,
    stored: boolean,
  ) {
    const high = Math.floor(number / 0x1_0000_0000);
    this.deadline = new Deadline<Delay>(deadlineMs, RANK.delay, high, number >>> 0, this);
    this.row = new Row(delayKey(number), stored);
  }
}
