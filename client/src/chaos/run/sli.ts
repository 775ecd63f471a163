/** What clients saw in one second of a run. Latencies in milliseconds, of what was answered well. */
export interface Second {
  /** From the beginning of the trace. */
  readonly second: number;
  readonly ok: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Sli {
  readonly ok: number;
  readonly failed: number;
  /** How often each error came, by its code. */
  readonly errors: Readonly<Record<string, number>>;
  /** The longest time without a good answer while load was on, in milliseconds. */
  readonly longestGapMs: number;
  readonly seconds: readonly Second[];
}

interface Bucket {
  readonly latencies: number[];
  failed: number;
}

/** Counts by the second in which an operation ended. */
export class SliRecorder {
  readonly #buckets = new Map<number, Bucket>();
  readonly #errors = new Map<string, number>();
  #lastOkMs: number | undefined;
  #longestGapMs = 0;

  /** @param nowMs since the trace began */
  ok(nowMs: number, tookMs: number): void {
    this.#bucket(nowMs).latencies.push(tookMs);
    if (this.#lastOkMs !== undefined)
      this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - this.#lastOkMs);
    this.#lastOkMs = nowMs;
  }

  failed(nowMs: number, error: unknown): void {
    this.#bucket(nowMs).failed++;
    const code = (error as { code?: unknown } | null)?.code;
    const name = typeof code === 'string' ? code : error instanceof Error ? error.name : String(error);
    this.#errors.set(name, (this.#errors.get(name) ?? 0) + 1);
  }

  summary(): Sli {
    const seconds = [...this.#buckets.entries()]
      .sort(([a], [b]) => a - b)
      .map(([second, { latencies, failed }]) => ({
        second,
        ok: latencies.length,
        failed,
        ...percentiles(latencies),
      }));
    return {
      ok: sum(seconds.map(({ ok }) => ok)),
      failed: sum(seconds.map(({ failed }) => failed)),
      errors: Object.fromEntries(this.#errors),
      longestGapMs: Math.round(this.#longestGapMs),
      seconds,
    };
  }

  #bucket(nowMs: number): Bucket {
    const second = Math.floor(nowMs / 1000);
    let bucket = this.#buckets.get(second);
    if (bucket === undefined) this.#buckets.set(second, (bucket = { latencies: [], failed: 0 }));
    return bucket;
  }
}

function percentiles(latencies: readonly number[]): { p50: number; p99: number; max: number } {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number): number =>
    Math.round((sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0) * 100) / 100;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
