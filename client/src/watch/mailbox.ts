type Reader<T> = { resolve: (result: IteratorResult<T>) => void; reject: (error: unknown) => void };

/** What has arrived for a reader of an async iteration, and the reads that wait for more. */
export class Mailbox<T> {
  private values: T[] = [];
  private readers: Reader<T>[] = [];
  private closed = false;
  private failure: unknown;

  get size(): number {
    return this.values.length;
  }

  /** What is taken next, if it has arrived. */
  get first(): T | undefined {
    return this.values[0];
  }

  put(value: T): void {
    if (this.closed) return;
    const reader = this.readers.shift();
    if (reader === undefined) this.values.push(value);
    else reader.resolve({ done: false, value });
  }

  /** The next value; when there is none and the box is closed, its failure or the end. */
  take(): Promise<IteratorResult<T>> {
    if (this.values.length > 0) return Promise.resolve({ done: false, value: this.values.shift()! });
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (this.closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.readers.push({ resolve, reject }));
  }

  clear(): void {
    this.values = [];
  }

  /** Nothing more comes; what is in it can still be taken. Only the first call counts. */
  close(failure?: unknown): void {
    if (this.closed) return;
    this.closed = true;
    this.failure = failure;
    for (const { resolve, reject } of this.readers) {
      if (failure === undefined) resolve({ done: true, value: undefined });
      else reject(failure);
    }
    this.readers = [];
  }
}
