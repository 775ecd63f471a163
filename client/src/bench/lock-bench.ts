import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../client.js';
import type { ClientSession } from '../session/client-session.js';
import { ErrorCounts, Latencies, type Percentiles } from './latency.js';

export interface LockBenchOptions {
  /** Logical clients, each with a session and, unless `locks` says otherwise, a lock of its own. */
  readonly clients: number;
  readonly seconds: number;
  /** Not measured. */
  readonly warmupSeconds: number;
  /** How many locks the clients share; undefined: one each. */
  readonly locks: number | undefined;
  readonly ttlMs: number;
}

export interface LockBenchResult {
  readonly bench: 'lock';
  readonly clients: number;
  readonly connections: number;
  readonly seconds: number;
  /** A cycle is one acquire and one release. */
  readonly cycles: number;
  readonly cyclesPerSecond: number;
  readonly operationsPerSecond: number;
  readonly acquire: Percentiles;
  readonly release: Percentiles;
  readonly errors: Record<string, number>;
}

/** Every client takes its lock and gives it back, over and over: a closed loop. */
export async function benchLock(
  connections: readonly Client[],
  options: LockBenchOptions,
): Promise<LockBenchResult> {
  const run = `bench/${randomBytes(4).toString('hex')}`;
  const sessions = Array.from({ length: options.clients }, (_, index) =>
    connections[index % connections.length]!.session(options.ttlMs),
  );
  const bench = new LockBench();
  const locks = options.locks ?? options.clients;
  const loops = sessions.map((session, index) => bench.loop(session, `${run}/${index % locks}`));
  await sleep(options.warmupSeconds * 1_000);
  const seconds = await bench.measure(options.seconds * 1_000);
  await Promise.all(loops);
  await Promise.all(sessions.map((session) => session.close().catch(() => undefined)));
  const cycles = bench.release.count;
  return {
    bench: 'lock',
    clients: options.clients,
    connections: connections.length,
    seconds: Math.round(seconds * 1_000) / 1_000,
    cycles,
    cyclesPerSecond: Math.round(cycles / seconds),
    operationsPerSecond: Math.round((bench.acquire.count + cycles) / seconds),
    acquire: bench.acquire.percentiles(),
    release: bench.release.percentiles(),
    errors: bench.errors.toJSON(),
  };
}

class LockBench {
  readonly acquire = new Latencies();
  readonly release = new Latencies();
  readonly errors = new ErrorCounts();
  private measuring = false;
  private over = false;

  async loop(session: ClientSession, name: string): Promise<void> {
    const lock = session.lock(name);
    while (!this.over) {
      try {
        const beganMs = performance.now();
        const held = await lock.acquire();
        const heldMs = performance.now();
        if (this.measuring) this.acquire.add(heldMs - beganMs);
        await held.release();
        if (this.measuring) this.release.add(performance.now() - heldMs);
      } catch (error) {
        if (this.over) return;
        this.errors.add(error);
        await sleep(100);
      }
    }
  }

  /** Returns how long it really took, in seconds. */
  async measure(ms: number): Promise<number> {
    this.measuring = true;
    const beganMs = performance.now();
    await sleep(ms);
    this.measuring = false;
    this.over = true;
    return (performance.now() - beganMs) / 1_000;
  }
}
