import type { Instant } from '../clock/clock.js';
import { resultOf } from '../connection/ask.js';
import type { Connection } from '../connection/connection.js';
import type { Resident } from '../connection/resident.js';
import { Operation, type Caller, type Result } from '../connection/operation.js';

/** Most leases in one keepalive, in the contract. */
const BATCH_MAX = 10_000;
/** A keepalive without an answer is repeated, with a fresh request, after at most this long, in milliseconds. */
const ANSWER_MS_MAX = 2_000;
/** The pause after a keepalive that failed, in milliseconds. */
const FAILED_PAUSE_MS = 200;

/** A lease that is kept alive. */
export interface Kept {
  readonly lease: string;
  readonly ttlMs: number;
  /** @param operation the keepalive that was acknowledged */
  onKept(operation: Operation, ttlMs: number): void;
  onGone(): void;
  /** To look whether it can still be relied upon. */
  checkTrust(): void;
}

interface Entry {
  readonly kept: Kept;
  /** When the next keepalive is due, on the monotonic clock in milliseconds. */
  dueMs: number;
  /** Whether one is unanswered. */
  asked: boolean;
}

/** Keeps the leases of a connection alive: each at a third of its TTL, all that are due in one operation. */
export class Keeper implements Resident {
  private readonly entries = new Map<Kept, Entry>();

  constructor(private readonly connection: Connection) {}

  keep(kept: Kept): void {
    if (this.entries.size === 0) this.connection.join(this);
    const nowMs = this.connection.clock.now().monotonicMs;
    this.entries.set(kept, { kept, dueMs: nowMs + kept.ttlMs / 3, asked: false });
  }

  release(kept: Kept): void {
    if (this.entries.delete(kept) && this.entries.size === 0) this.connection.leave(this);
  }

  onTick(now: Instant): void {
    let anyDue = false;
    for (const entry of this.entries.values()) {
      entry.kept.checkTrust();
      anyDue ||= entry.dueMs <= now.monotonicMs;
    }
    if (anyDue) this.renew(now.monotonicMs);
  }

  /** What was asked of the old stream may never be answered: ask afresh. */
  onStreamChange(): void {
    const nowMs = this.connection.clock.now().monotonicMs;
    for (const entry of this.entries.values()) if (entry.asked) entry.dueMs = nowMs;
    this.renew(nowMs);
  }

  /** One keepalive for all that are due, and those that soon will be. */
  private renew(nowMs: number): void {
    let batch: Entry[] = [];
    for (const entry of this.entries.values()) {
      if (entry.dueMs > nowMs + entry.kept.ttlMs / 30) continue;
      batch.push(entry);
      if (batch.length === BATCH_MAX) {
        this.ask(batch, nowMs);
        batch = [];
      }
    }
    if (batch.length > 0) this.ask(batch, nowMs);
  }

  private ask(batch: Entry[], nowMs: number): void {
    let patienceMs = ANSWER_MS_MAX;
    for (const entry of batch) {
      entry.asked = true;
      entry.dueMs = nowMs + entry.kept.ttlMs / 3;
      patienceMs = Math.min(patienceMs, entry.kept.ttlMs / 3);
    }
    const caller: Caller = {
      onResult: (result, operation) => this.onAnswer(batch, result, operation),
      onFailure: () => this.onFailure(batch),
    };
    const leases = batch.map(({ kept }) => kept.lease);
    const request = { $case: 'leaseKeepAlive' as const, value: { leases } };
    this.connection.submit(new Operation(request, 'never', caller, undefined, nowMs + patienceMs));
  }

  private onAnswer(batch: Entry[], result: Result, operation: Operation): void {
    const renewed = resultOf(result, 'leaseKeepAlive').ttlMs;
    for (const [index, entry] of batch.entries()) {
      entry.asked = false;
      const ttlMs = renewed[index] ?? 0;
      if (ttlMs === 0) entry.kept.onGone();
      else entry.kept.onKept(operation, ttlMs);
    }
  }

  private onFailure(batch: Entry[]): void {
    const retryMs = this.connection.clock.now().monotonicMs + FAILED_PAUSE_MS;
    for (const entry of batch) {
      entry.asked = false;
      entry.dueMs = Math.min(entry.dueMs, retryMs);
    }
  }
}
