import { randomBytes } from 'node:crypto';
import type { Kv } from '../kv/kv.js';

/** Puts under way at a time while the keys are set, over all connections. */
const FILL_AT_ONCE = 500;
/** Keys deleted by one request: each is one command, and holds up the others for as long as it takes. */
const REMOVE_AT_ONCE = 1_000;

/** The keys of one run of a benchmark, under a prefix of its own. */
export class BenchKeys {
  private readonly prefix = `bench/${randomBytes(4).toString('hex')}/`;

  constructor(
    private readonly kvs: readonly Kv[],
    private readonly count: number,
    readonly value: Buffer,
  ) {}

  /** One of them, by chance. */
  any(): string {
    return this.key(Math.floor(Math.random() * this.count));
  }

  /** Sets all of them. Fails with the first error. */
  async fill(): Promise<void> {
    let next = 0;
    const fillers = Array.from({ length: Math.min(FILL_AT_ONCE, this.count) }, async (_, index) => {
      const kv = this.kvs[index % this.kvs.length]!;
      while (next < this.count) await kv.put(this.key(next++), this.value);
    });
    await Promise.all(fillers);
  }

  /** Deletes them, as far as that can be done. */
  async remove(): Promise<void> {
    for (let from = 0; from < this.count; from += REMOVE_AT_ONCE) {
      const range = { from: this.key(from), to: this.key(from + REMOVE_AT_ONCE) };
      await this.kvs[0]!.deleteRange(range).catch(() => undefined);
    }
  }

  /** Numbers of one length sort as numbers do. */
  private key(index: number): string {
    return `${this.prefix}${String(index).padStart(8, '0')}`;
  }
}
