import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../client.js';
import { ErrorCounts, Latencies, type Percentiles } from './latency.js';
import type { OnPhase } from './phases.js';

export interface LeaseBenchOptions {
  /** How many leases are kept alive. */
  readonly clients: number;
  readonly seconds: number;
  readonly ttlMs: number;
}

export interface LeaseBenchResult {
  readonly bench: 'lease';
  readonly leases: number;
  readonly connections: number;
  readonly ttlMs: number;
  readonly seconds: number;
  readonly grantsPerSecond: number;
  readonly keepAlivesPerSecond: number;
  /** How long the answer to a batch of keepalives took. */
  readonly keepAlive: Percentiles;
  /** Leases that ended although they were kept alive. */
  readonly lost: number;
  readonly errors: Record<string, number>;
}

/** Grants of one connection that are unanswered at a time. */
const GRANTS_AT_ONCE = 500;
/** Each connection sends one batch of keepalives in this time, in milliseconds. */
const BATCH_EVERY_MS = 100;

/** Many leases, each kept alive at a third of its TTL, as so many clients would. */
export async function benchLease(
  connections: readonly Client[],
  options: LeaseBenchOptions,
  onPhase: OnPhase = () => undefined,
): Promise<LeaseBenchResult> {
  const shares = connections.map((client, index) => {
    const share = Math.floor((options.clients + index) / connections.length);
    return new LeaseShare(client, share, options.ttlMs);
  });
  onPhase('granting the leases');
  const grantedFromMs = performance.now();
  await Promise.all(shares.map((share) => share.grant()));
  const grantSeconds = (performance.now() - grantedFromMs) / 1_000;
  onPhase('measuring', options.seconds * 1_000);
  const beganMs = performance.now();
  await Promise.all(shares.map((share) => share.keep(beganMs + options.seconds * 1_000)));
  const seconds = (performance.now() - beganMs) / 1_000;
  const keepAlive = new Latencies();
  const errors = new ErrorCounts();
  for (const share of shares) share.pourInto(keepAlive, errors);
  const granted = sum(shares.map(({ granted }) => granted));
  onPhase('revoking the leases');
  await Promise.all(shares.map((share) => share.revoke()));
  return {
    bench: 'lease',
    leases: granted,
    connections: connections.length,
    ttlMs: options.ttlMs,
    seconds: Math.round(seconds * 1_000) / 1_000,
    grantsPerSecond: Math.round(granted / grantSeconds),
    keepAlivesPerSecond: Math.round(sum(shares.map(({ renewed }) => renewed)) / seconds),
    keepAlive: keepAlive.percentiles(),
    lost: sum(shares.map(({ lost }) => lost)),
    errors: errors.toJSON(),
  };
}

/** The leases of one connection. */
class LeaseShare {
  renewed = 0;
  lost = 0;
  private leases: string[] = [];
  private readonly latencies: number[] = [];
  private readonly failures: unknown[] = [];

  constructor(
    private readonly client: Client,
    private readonly count: number,
    private readonly ttlMs: number,
  ) {}

  get granted(): number {
    return this.leases.length + this.lost;
  }

  async grant(): Promise<void> {
    while (this.leases.length < this.count && this.failures.length < this.count) {
      const batch = Math.min(GRANTS_AT_ONCE, this.count - this.leases.length);
      const grants = Array.from({ length: batch }, () => this.client.leases.grant(this.ttlMs));
      for (const result of await Promise.allSettled(grants)) {
        if (result.status === 'fulfilled') this.leases.push(result.value.lease);
        else this.failures.push(result.reason);
      }
    }
  }

  async keep(untilMs: number): Promise<void> {
    const rounds = Math.max(1, Math.floor(this.ttlMs / 3 / BATCH_EVERY_MS));
    const perRound = Math.ceil(this.leases.length / rounds);
    const waiting = new Set<Promise<void>>();
    let next = 0;
    for (let dueMs = performance.now(); dueMs < untilMs; dueMs += BATCH_EVERY_MS) {
      await sleep(Math.max(0, dueMs - performance.now()));
      if (next >= this.leases.length) next = 0;
      const batch = this.leases.slice(next, next + perRound);
      next += perRound;
      const renewal = this.renew(batch).finally(() => waiting.delete(renewal));
      waiting.add(renewal);
    }
    await Promise.all(waiting);
  }

  async revoke(): Promise<void> {
    for (let from = 0; from < this.leases.length; from += GRANTS_AT_ONCE) {
      const batch = this.leases.slice(from, from + GRANTS_AT_ONCE);
      await Promise.allSettled(batch.map((lease) => this.client.leases.revoke(lease)));
    }
  }

  pourInto(latencies: Latencies, errors: ErrorCounts): void {
    for (const ms of this.latencies) latencies.add(ms);
    for (const failure of this.failures) errors.add(failure);
  }

  private async renew(batch: readonly string[]): Promise<void> {
    if (batch.length === 0) return;
    const beganMs = performance.now();
    try {
      const ttls = await this.client.leases.keepAlive(batch);
      this.latencies.push(performance.now() - beganMs);
      const ended = new Set(batch.filter((_, index) => (ttls[index] ?? 0) === 0));
      this.renewed += batch.length - ended.size;
      this.lost += ended.size;
      if (ended.size > 0) this.leases = this.leases.filter((lease) => !ended.has(lease));
    } catch (error) {
      this.failures.push(error);
    }
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
