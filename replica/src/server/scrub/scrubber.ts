import type { StateMachine } from '../../state/index.js';
import type { Environment, Timer } from '../driver/environment.js';

export interface ScrubParts {
  readonly state: StateMachine;
  readonly environment: Environment;
}

export interface Scrubbed {
  readonly index: number;
  /** Hex digest of all rows; undefined: they could not all be read. */
  readonly hash: string | undefined;
  /** Why not. */
  readonly reason?: string;
  readonly elapsedMs: number;
}

/** At most one piece, of less than a millisecond, in this time. */
const PIECE_INTERVAL_MS = 10;
/** And a rest of so many times what the piece took: a twentieth of one core, and less of a machine that has much else to do. */
const RESTS_PER_WORK = 19;

class Cancelled extends Error {}

/** Hashes the rows of the state as they are at one index, a piece now and then, whatever is applied meanwhile. */
export class Scrubber {
  readonly #parts: ScrubParts;
  #running: Run | undefined;

  constructor(parts: ScrubParts) {
    this.#parts = parts;
  }

  /** Of the scrub under way. */
  get index(): number | undefined {
    return this.#running?.index;
  }

  /** Begins with the state as it is now; a scrub under way is given up for it. */
  begin(done: (scrubbed: Scrubbed) => void): void {
    this.cancel();
    const { state, environment } = this.#parts;
    const began = environment.monotonicMs();
    const run = new Run(state.appliedIndex, environment);
    this.#running = run;
    const end = (result: { hash: string | undefined; reason?: string }): void => {
      // Of a run that was given up, nothing counts: its storage may have been closed under it.
      if (this.#running !== run) return;
      this.cancel();
      done({ index: run.index, elapsedMs: environment.monotonicMs() - began, ...result });
    };
    state
      .contentHash(() => run.pause())
      .then(
        ({ hash }) => end({ hash }),
        (error: unknown) =>
          end({ hash: undefined, reason: error instanceof Error ? error.message : String(error) }),
      );
  }

  /** The state is another one now, or the process ends. */
  cancel(): void {
    this.#running?.end();
    this.#running = undefined;
  }
}

/** One pass over the rows. */
class Run {
  readonly index: number;
  readonly #environment: Environment;
  readonly #timer: Timer;
  /** Monotonic ms. */
  #beganAt: number;
  #restsUntil = 0;
  #next: { readonly go: () => void; readonly give: (up: Cancelled) => void } | undefined;
  #ended = false;

  constructor(index: number, environment: Environment) {
    this.index = index;
    this.#environment = environment;
    this.#beganAt = environment.monotonicMs();
    this.#timer = environment.every(PIECE_INTERVAL_MS, () => this.#goOn());
  }

  pause(): Promise<void> {
    if (this.#ended) return Promise.reject(new Cancelled());
    const now = this.#environment.monotonicMs();
    this.#restsUntil = now + RESTS_PER_WORK * (now - this.#beganAt);
    return new Promise((go, give) => {
      this.#next = { go, give };
    });
  }

  #goOn(): void {
    const next = this.#next;
    if (next === undefined) return;
    const now = this.#environment.monotonicMs();
    if (now < this.#restsUntil) return;
    this.#next = undefined;
    this.#beganAt = now;
    next.go();
  }

  end(): void {
    this.#ended = true;
    this.#timer.stop();
    this.#next?.give(new Cancelled());
  }
}
