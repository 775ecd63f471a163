import type { Client, KvWatch } from '@aegis/client';
import { setTimeout as sleep } from 'node:timers/promises';

import { nowMs } from '../harness/clock.js';
import type { Cluster } from '../harness/cluster.js';

/** Milliseconds from the beginning of a put to each watcher's event of it, and events that did not come. */
export interface Delivery {
  readonly p50: number;
  readonly p99: number;
  readonly missing: number;
}

const CONNECTIONS = 20;
const VALUE_BYTES = 4 * 1024;
const EVERY_MS = 100;
/** How long the last events of a round may take. */
const PATIENCE_MS = 10_000;

/** Watchers of one prefix in this process, and numbered values that are put under it. */
export class PrefixWatchers {
  /** Number of the newest value. */
  newest = 0;
  private readonly beganMs: number[] = [];
  private delays: number[] = [];

  private constructor(
    private readonly client: Client,
    private readonly prefix: string,
    private readonly watches: readonly KvWatch[],
  ) {}

  static async start(cluster: Cluster, prefix: string, watchers: number): Promise<PrefixWatchers> {
    const clients = Array.from({ length: CONNECTIONS }, () => cluster.connect());
    const watches = Array.from({ length: watchers }, (_, at) =>
      clients[at % CONNECTIONS]!.kv.watch({ prefix }),
    );
    const all = new PrefixWatchers(clients[0]!, prefix, watches);
    await all.pokeUntil(Promise.all(watches.map((watch) => watch.next())));
    for (const watch of watches) void all.read(watch);
    return all;
  }

  /** A watch begins at some moment after it was asked for: until all have begun there must be something to see. */
  async pokeUntil(moment: Promise<unknown>): Promise<void> {
    let over = false;
    void moment.finally(() => (over = true)).catch(() => undefined);
    for (; !over; await sleep(EVERY_MS)) await this.put();
    await moment;
  }

  async round(ms: number): Promise<Delivery> {
    await sleep(1_000);
    this.delays = [];
    const endMs = nowMs() + ms;
    let puts = 0;
    for (let dueMs = nowMs(); dueMs < endMs; dueMs += EVERY_MS, puts++) {
      await sleep(Math.max(0, dueMs - nowMs()));
      await this.put();
    }
    const expected = puts * this.watches.length;
    const untilMs = nowMs() + PATIENCE_MS;
    while (this.delays.length < expected && nowMs() < untilMs) await sleep(20);
    const sorted = this.delays.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
    return { p50: at(0.5), p99: at(0.99), missing: expected - sorted.length };
  }

  /** Forgets all history; the revision at which it begins now. */
  async compact(): Promise<number> {
    const { revision } = await this.put();
    await this.client.kv.compact(revision);
    return revision;
  }

  end(): void {
    for (const watch of this.watches) void watch.return();
  }

  private put(): Promise<{ readonly revision: number }> {
    const value = Buffer.alloc(VALUE_BYTES);
    value.writeInt32BE(++this.newest, 0);
    this.beganMs[this.newest] = nowMs();
    return this.client.kv.put(`${this.prefix}key`, value);
  }

  private async read(watch: KvWatch): Promise<void> {
    for await (const { events } of watch) {
      const at = nowMs();
      for (const { kv } of events) this.delays.push(at - this.beganMs[kv.value.readInt32BE(0)]!);
    }
  }
}
