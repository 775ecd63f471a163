export interface Backoff {
  readonly pauseMsMin: number;
  readonly pauseMsMax: number;
}

export const BACKOFF: Backoff = { pauseMsMin: 50, pauseMsMax: 60_000 };

/**
 * What is to be looked at, by key. A key waits at most once and is never worked on twice at a time: one that is added while it is
 * worked on comes again when that is done, so that no change is missed. A key that failed waits longer each time.
 *
 * Invariant: a key is in at most one of `#ready` and `#working`; `#again` is a part of `#working`.
 */
export class WorkQueue {
  readonly #backoff: Backoff;
  /** In the order of their coming. */
  readonly #ready = new Set<string>();
  readonly #working = new Set<string>();
  readonly #again = new Set<string>();
  readonly #timers = new Map<string, { readonly timer: NodeJS.Timeout; readonly dueMs: number }>();
  readonly #failures = new Map<string, number>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #closed = false;

  constructor(backoff: Backoff = BACKOFF) {
    this.#backoff = backoff;
  }

  /** Keys that wait or are worked on, without those whose time has not come. */
  get length(): number {
    return this.#ready.size + this.#working.size;
  }

  add(key: string): void {
    if (this.#closed) return;
    this.#cancel(key);
    if (this.#working.has(key)) {
      this.#again.add(key);
      return;
    }
    if (this.#ready.has(key)) return;
    const taker = this.#takers.shift();
    if (taker === undefined) {
      this.#ready.add(key);
      return;
    }
    this.#working.add(key);
    taker(key);
  }

  /** Adds it when the time has passed, unless it is due earlier already. */
  addAfter(key: string, delayMs: number): void {
    if (this.#closed || this.#ready.has(key)) return;
    const dueMs = performance.now() + delayMs;
    const waiting = this.#timers.get(key);
    if (waiting !== undefined && waiting.dueMs <= dueMs) return;
    this.#cancel(key);
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.add(key);
    }, delayMs);
    this.#timers.set(key, { timer, dueMs });
  }

  /** Adds a key that failed, after a pause that doubles with each failure. Returns the pause. */
  addFailed(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const { pauseMsMin, pauseMsMax } = this.#backoff;
    const pauseMs = Math.min(pauseMsMax, pauseMsMin * 2 ** Math.min(failures, 30));
    this.addAfter(key, pauseMs);
    return pauseMs;
  }

  /** It went well: the next failure is a first one again. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key; `done` must follow. Undefined: the queue is closed. */
  take(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    for (const key of this.#ready) {
      this.#ready.delete(key);
      this.#working.add(key);
      return Promise.resolve(key);
    }
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  done(key: string): void {
    this.#working.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }

  /** Nothing is handed out any more. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#ready.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  #cancel(key: string): void {
    const waiting = this.#timers.get(key);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.#timers.delete(key);
  }
}
