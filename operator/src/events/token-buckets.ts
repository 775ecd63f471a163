interface Bucket {
  tokens: number;
  filledMs: number;
}

/** Beyond so many the longest unused is forgotten. */
const BUCKETS_MAX = 1024;

/** A bucket of tokens a key: `size` at once, then one every `refillMs`. */
export class TokenBuckets {
  readonly #size: number;
  readonly #refillMs: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor({ size, refillMs }: { readonly size: number; readonly refillMs: number }) {
    this.#size = size;
    this.#refillMs = refillMs;
  }

  /** Whether there was one left. */
  take(key: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(key) ?? { tokens: this.#size, filledMs: nowMs };
    const gained = Math.floor((nowMs - bucket.filledMs) / this.#refillMs);
    bucket.tokens = Math.min(this.#size, bucket.tokens + gained);
    bucket.filledMs += gained * this.#refillMs;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= BUCKETS_MAX) break;
      this.#buckets.delete(oldest);
    }
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }
}
