import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';
import type { Environment } from './environment.js';

export type ReadDone = (failed: Failure | undefined) => void;

/** Reads that may wait: for a round, and for what it confirmed to be applied. */
const WAITING_MAX = 100_000;

interface Waiting {
  readonly done: ReadDone;
  readonly deadline: number;
}

interface Round {
  readonly number: number;
  readonly readers: Waiting[];
  readonly sentAt: number;
  /** Set once the quorum has confirmed: they run when this index is applied. */
  index: number | undefined;
}

/**
 * Linearizable reads by read-index. A read joins the next round, never one whose heartbeats have left; one
 * round serves all that wait. The context names this life of the process, so that answers to an earlier one
 * don't match.
 */
export class Reads {
  readonly #environment: Environment;
  readonly #ask: (context: Uint8Array) => void;
  readonly #origin: number;
  readonly #timeoutMs: number;
  #joining: Waiting[] = [];
  #round: Round | undefined;
  #number = 0;
  /** Confirmed rounds that wait for apply, in the order of their indexes. */
  #confirmed: Round[] = [];
  /** The readers of those. */
  #confirmedReaders = 0;

  constructor(
    environment: Environment,
    origin: number,
    timeoutMs: number,
    ask: (context: Uint8Array) => void,
  ) {
    this.#environment = environment;
    this.#origin = origin;
    this.#timeoutMs = timeoutMs;
    this.#ask = ask;
  }

  join(done: ReadDone): void {
    const waiting = this.#joining.length + (this.#round?.readers.length ?? 0) + this.#confirmedReaders;
    if (waiting >= WAITING_MAX) {
      done(errorOf('OVERLOADED', { what: 'the queue of reads of this replica', limit: WAITING_MAX }));
      return;
    }
    this.#joining.push({ done, deadline: this.#environment.monotonicMs() + this.#timeoutMs });
  }

  /** Begins the next round if one is wanted and none is out. */
  gather(): void {
    if (this.#joining.length === 0 || this.#round !== undefined) return;
    const readers = this.#joining;
    this.#joining = [];
    this.#begin(readers);
  }

  #begin(readers: Waiting[]): void {
    const number = ++this.#number;
    this.#round = { number, readers, sentAt: this.#environment.monotonicMs(), index: undefined };
    this.#ask(this.#context(number));
  }

  /** A quorum has confirmed the leader for `context` at `index`. */
  confirmed(index: number, context: Uint8Array): void {
    const round = this.#round;
    if (round === undefined || context.length !== 16) return;
    const view = new DataView(context.buffer, context.byteOffset, 16);
    if (view.getFloat64(0) !== this.#origin || view.getFloat64(8) !== round.number) return;
    round.index = index;
    this.#confirmed.push(round);
    this.#confirmedReaders += round.readers.length;
    this.#round = undefined;
  }

  /** Runs the reads whose index is applied. */
  applied(index: number): void {
    while (this.#confirmed.length > 0 && this.#confirmed[0]!.index! <= index) {
      const { readers } = this.#confirmed.shift()!;
      this.#confirmedReaders -= readers.length;
      for (const reader of readers) reader.done(undefined);
    }
  }

  /** Asks again when a round got lost, and gives up reads that are over their time. */
  expire(roundTimeoutMs: number): void {
    const now = this.#environment.monotonicMs();
    const round = this.#round;
    if (round !== undefined && now - round.sentAt >= roundTimeoutMs) {
      this.#round = undefined;
      this.#joining = [...round.readers, ...this.#joining];
    }
    if (this.#joining.some((reader) => reader.deadline <= now)) {
      const late = this.#joining.filter((reader) => reader.deadline <= now);
      this.#joining = this.#joining.filter((reader) => reader.deadline > now);
      for (const reader of late) reader.done(errorOf('NO_LEADER', {}));
    }
  }

  failAll(): void {
    const readers = [
      ...this.#joining,
      ...(this.#round?.readers ?? []),
      ...this.#confirmed.flatMap((r) => r.readers),
    ];
    this.#joining = [];
    this.#round = undefined;
    this.#confirmed = [];
    this.#confirmedReaders = 0;
    for (const reader of readers) reader.done(errorOf('SHUTTING_DOWN', {}));
  }

  #context(number: number): Uint8Array {
    const context = new Uint8Array(16);
    const view = new DataView(context.buffer);
    view.setFloat64(0, this.#origin);
    view.setFloat64(8, number);
    return context;
  }
}
