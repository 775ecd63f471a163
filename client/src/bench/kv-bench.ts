import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../client.js';
import type { Kv } from '../kv/kv.js';
import { BenchKeys } from './kv-keys.js';
import { ErrorCounts, Latencies, type Percentiles } from './latency.js';
import type { OnPhase } from './phases.js';

export type KvLoad = 'put' | 'get' | 'mix';

export interface KvBenchOptions {
  readonly kind: KvLoad;
  /** Logical clients: each has one operation under way at a time. */
  readonly clients: number;
  readonly seconds: number;
  /** Not measured. */
  readonly warmupSeconds: number;
  readonly valueBytes: number;
  /** Set before, deleted afterwards; every operation takes one of them at random. */
  readonly keys: number;
  /** Of a mix, from 0 to 1. */
  readonly readShare: number;
  readonly stale: boolean;
}

export interface KvBenchResult {
  readonly bench: KvLoad;
  readonly clients: number;
  readonly connections: number;
  readonly keys: number;
  readonly valueBytes: number;
  readonly seconds: number;
  readonly operations: number;
  readonly operationsPerSecond: number;
  /** Microseconds of CPU that this process took for an operation. */
  readonly clientCpuMicros: number;
  readonly put?: Percentiles;
  readonly get?: Percentiles;
  readonly errors: Record<string, number>;
}

/** Every client sets or reads one key after another: a closed loop. */
export async function benchKv(
  connections: readonly Client[],
  options: KvBenchOptions,
  onPhase: OnPhase = () => undefined,
): Promise<KvBenchResult> {
  const kvs = connections.map(({ kv }) => kv);
  const keys = new BenchKeys(kvs, options.keys, randomBytes(options.valueBytes));
  try {
    onPhase('setting the keys');
    await keys.fill();
    onPhase('measuring', (options.warmupSeconds + options.seconds) * 1_000);
    const bench = new KvBench(keys, options);
    const loops = Array.from({ length: options.clients }, (_, index) => bench.loop(kvs[index % kvs.length]!));
    await sleep(options.warmupSeconds * 1_000);
    const { seconds, cpuMicros } = await bench.measure(options.seconds * 1_000);
    onPhase('deleting the keys');
    await Promise.all(loops);
    const operations = bench.puts.count + bench.gets.count;
    return {
      bench: options.kind,
      clients: options.clients,
      connections: connections.length,
      keys: options.keys,
      valueBytes: options.valueBytes,
      seconds: Math.round(seconds * 1_000) / 1_000,
      operations,
      operationsPerSecond: Math.round(operations / seconds),
      clientCpuMicros: operations === 0 ? 0 : Math.round((cpuMicros / operations) * 10) / 10,
      ...(options.kind === 'get' ? {} : { put: bench.puts.percentiles() }),
      ...(options.kind === 'put' ? {} : { get: bench.gets.percentiles() }),
      errors: bench.errors.toJSON(),
    };
  } finally {
    await keys.remove();
  }
}

class KvBench {
  readonly puts = new Latencies();
  readonly gets = new Latencies();
  readonly errors = new ErrorCounts();
  private readonly readShare: number;
  private measuring = false;
  private over = false;

  constructor(
    private readonly keys: BenchKeys,
    private readonly options: KvBenchOptions,
  ) {
    this.readShare = { put: 0, get: 1, mix: options.readShare }[options.kind];
  }

  async loop(kv: Kv): Promise<void> {
    const read = { stale: this.options.stale };
    let beganMs = performance.now();
    while (!this.over) {
      const reads = Math.random() < this.readShare;
      try {
        if (reads) await kv.get(this.keys.any(), read);
        else await kv.put(this.keys.any(), this.keys.value);
        const endedMs = performance.now();
        if (this.measuring) (reads ? this.gets : this.puts).add(endedMs - beganMs);
        beganMs = endedMs;
      } catch (error) {
        if (this.over) return;
        this.errors.add(error);
        await sleep(100);
        beganMs = performance.now();
      }
    }
  }

  /** Returns how long it really took, and what it cost this process. */
  async measure(ms: number): Promise<{ seconds: number; cpuMicros: number }> {
    this.measuring = true;
    const beganMs = performance.now();
    const before = process.cpuUsage();
    await sleep(ms);
    const { user, system } = process.cpuUsage(before);
    this.measuring = false;
    this.over = true;
    return { seconds: (performance.now() - beganMs) / 1_000, cpuMicros: user + system };
  }
}
