import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../client.js';
import type { KvWatch } from '../kv/kv-watch.js';
import { ErrorCounts, Latencies, type Percentiles } from './latency.js';

export interface WatchBenchOptions {
  /** Watchers of one prefix. */
  readonly clients: number;
  readonly seconds: number;
  readonly valueBytes: number;
  /** From one put to the next, in milliseconds. */
  readonly everyMs: number;
}

export interface WatchBenchResult {
  readonly bench: 'watch';
  readonly watchers: number;
  readonly connections: number;
  readonly valueBytes: number;
  readonly seconds: number;
  readonly puts: number;
  readonly events: number;
  /** Events that watchers did not get in ten seconds. */
  readonly missing: number;
  /** From the beginning of a put to each watcher's event of it. */
  readonly delivery: Percentiles;
  readonly errors: Record<string, number>;
}

/** How long the last events may take. */
const PATIENCE_MS = 10_000;

/** One key is set over and over; a prefix that holds it has many watchers. */
export async function benchWatch(
  connections: readonly Client[],
  options: WatchBenchOptions,
): Promise<WatchBenchResult> {
  const prefix = `bench/${randomBytes(4).toString('hex')}/`;
  const bench = new WatchBench(connections, prefix, options.clients);
  const { kv } = connections[0]!;
  try {
    await bench.begin();
    const beganMs = performance.now();
    const puts = await bench.write(kv, options, beganMs + options.seconds * 1_000);
    const seconds = (performance.now() - beganMs) / 1_000;
    const expected = puts * options.clients;
    const untilMs = performance.now() + PATIENCE_MS;
    while (bench.delivery.count < expected && performance.now() < untilMs) await sleep(20);
    return {
      bench: 'watch',
      watchers: options.clients,
      connections: connections.length,
      valueBytes: options.valueBytes,
      seconds: Math.round(seconds * 1_000) / 1_000,
      puts,
      events: bench.delivery.count,
      missing: expected - bench.delivery.count,
      delivery: bench.delivery.percentiles(),
      errors: bench.errors.toJSON(),
    };
  } finally {
    await bench.end();
    await kv.deletePrefix(prefix).catch(() => undefined);
  }
}

class WatchBench {
  readonly delivery = new Latencies();
  readonly errors = new ErrorCounts();
  /** When the put began whose value begins with this number. */
  private readonly beganMs: number[] = [];
  private readonly key: string;
  private readonly watches: readonly KvWatch[];

  constructor(
    private readonly connections: readonly Client[],
    prefix: string,
    watchers: number,
  ) {
    this.key = `${prefix}key`;
    this.watches = Array.from({ length: watchers }, (_, index) =>
      connections[index % connections.length]!.kv.watch({ prefix }),
    );
  }

  /** All watch from now on: each has had the first event. */
  async begin(): Promise<void> {
    const started = this.watches.map(async (watch) => void (await watch.next()));
    let over = false;
    const all = Promise.all(started).finally(() => (over = true));
    // A watch from now on begins at some moment after it was asked for: until all have begun, there must be something to see.
    const poke = (async () => {
      for (const { kv } = this.connections[0]!; !over; await sleep(100)) await kv.put(this.key, mark(-1, 4));
    })();
    await Promise.all([all, poke]);
    for (const watch of this.watches) void this.read(watch);
  }

  async write(
    kv: Client['kv'],
    { valueBytes, everyMs }: WatchBenchOptions,
    untilMs: number,
  ): Promise<number> {
    let puts = 0;
    for (let dueMs = performance.now(); dueMs < untilMs; dueMs += everyMs) {
      await sleep(Math.max(0, dueMs - performance.now()));
      this.beganMs.push(performance.now());
      await kv.put(this.key, mark(puts++, valueBytes)).catch((error: unknown) => this.errors.add(error));
    }
    return puts;
  }

  async end(): Promise<void> {
    await Promise.all(this.watches.map((watch) => watch.return()));
  }

  private async read(watch: KvWatch): Promise<void> {
    try {
      for await (const { events } of watch) {
        const nowMs = performance.now();
        for (const { kv } of events) {
          const number = kv.value.length < 4 ? -1 : kv.value.readInt32BE(0);
          if (number >= 0) this.delivery.add(nowMs - this.beganMs[number]!);
        }
      }
    } catch (error) {
      this.errors.add(error);
    }
  }
}

/** A value that begins with a number. */
function mark(number: number, bytes: number): Buffer {
  const value = Buffer.alloc(Math.max(4, bytes));
  value.writeInt32BE(number, 0);
  return value;
}
