/** Latencies in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Collects latencies; the percentiles are exact, by the nearest rank. */
export class Latencies {
  private readonly samples: number[] = [];

  add(ms: number): void {
    this.samples.push(ms);
  }

  get count(): number {
    return this.samples.length;
  }

  percentiles(): Percentiles {
    const sorted = Float64Array.from(this.samples).sort();
    const at = (share: number): number => {
      const rank = Math.max(1, Math.ceil(share * sorted.length));
      return Math.round((sorted[rank - 1] ?? 0) * 1_000) / 1_000;
    };
    return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
  }
}

/** How often each error came, by its code. */
export class ErrorCounts {
  private readonly counts = new Map<string, number>();

  add(error: unknown): void {
    const code = (error as { code?: unknown }).code;
    const name = typeof code === 'string' ? code : String(error);
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }
}
