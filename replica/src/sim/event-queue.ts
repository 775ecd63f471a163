interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  readonly task: () => void;
}

/**
 * Runs every promise chain that can go on, to its end, in the middle of a turn. A real event loop does the same after each
 * callback; doing it by hand keeps a simulated world within one turn of the real loop, and thirteen times faster.
 */
const settlePromises = (process as unknown as { readonly _tickCallback: () => void })._tickCallback;
const realTurn = setImmediate;

/**
 * Simulated time: tasks run at their time, ties in the order in which they were given. Between two tasks promises
 * that have nothing left to wait for come to their end, as between the callbacks of a real event loop.
 */
export class EventQueue {
  #now = 0;
  #order = 0;
  #steps = 0;
  #stopped = false;
  readonly #heap: Scheduled[] = [];

  get nowMs(): number {
    return this.#now;
  }

  /** Tasks that have run. */
  get steps(): number {
    return this.#steps;
  }

  after(ms: number, task: () => void): void {
    this.#push({ atMs: this.#now + ms, order: this.#order++, task });
  }

  /** At a time, or at once if that is over. */
  at(atMs: number, task: () => void): void {
    this.#push({ atMs: Math.max(this.#now, atMs), order: this.#order++, task });
  }

  delay(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Runs all that is due within the next `ms`. To be called from a turn of the real event loop, not from a promise. */
  runNow(ms: number): void {
    const end = this.#now + ms;
    settlePromises();
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= end; next = this.#heap[0]) {
      if (this.#stopped) return;
      this.#pop();
      this.#now = next.atMs;
      this.#steps++;
      next.task();
      settlePromises();
    }
    this.#now = end;
  }

  /** The world has ended: nothing runs any more. */
  stop(): void {
    this.#stopped = true;
  }

  run(ms: number): Promise<void> {
    return inRealTurn(() => this.runNow(ms));
  }

  /** Lets time pass until work of the simulated world has ended. */
  async until<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const noted = work.finally(() => (ended = true));
    noted.catch(() => {});
    await inRealTurn(() => {
      settlePromises();
      while (!ended) this.runNow(1);
    });
    return noted;
  }

  #push(item: Scheduled): void {
    const heap = this.#heap;
    let at = heap.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(item, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = item;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function before(a: Scheduled, b: Scheduled): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Promises can be settled by hand only outside of them. */
export function inRealTurn<T>(work: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    realTurn(() => {
      try {
        resolve(work());
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}
