interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  readonly task: () => void;
}

/**
 * Simulated time: tasks run at their time, ties in the order in which they were given. Between two tasks promises
 * that have nothing left to wait for come to their end, as between the callbacks of a real event loop.
 */
export class EventQueue {
  #now = 0;
  #order = 0;
  readonly #heap: Scheduled[] = [];

  get nowMs(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): void {
    this.#push({ atMs: this.#now + ms, order: this.#order++, task });
  }

  delay(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Runs all that is due within the next `ms`. */
  async run(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= end; next = this.#heap[0]) {
      this.#pop();
      this.#now = next.atMs;
      next.task();
      await drainMicrotasks();
    }
    this.#now = end;
  }

  /** Lets time pass until work of the simulated world has ended. */
  async until<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const noted = work.finally(() => (ended = true));
    noted.catch(() => {});
    while (!ended) await this.run(1);
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

/** A real turn of the event loop: every promise chain that can go on has then gone on. */
function drainMicrotasks(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
