import type { StateMachine } from '@aegis/replica/sim';

import type { Committed, EntryCheck } from './history.js';
import type { Report } from './verdict.js';

/** STEP of DESIGN's lease-time rules, written down once more so that nothing here leans on the code that is checked. */
const STEP_MS = 2000;
/** A leader with timed work stamps every 500 ms; between two commits there may be the ways of one. */
const QUIET_MS = 700;
/** The leader's look, a socket round, the commit of the Expire and those of a backlog. */
const EXPIRY_MS = 1500;
/** A new leader stamps at once; the last stamp of the old one may be 500 ms old, and a commit each on its way. */
const LEADER_CHANGE_MS = 1500;

interface Known {
  readonly id: string;
  readonly ttlMs: number;
  /** By rule 3, in lease time. */
  deadlineMs: number;
  /** True time at which the leader stamped the grant or the keepalive that counts. */
  renewedAtMs: number;
}

/** A stretch of true time in which lease time may rightly have stood still. */
interface Standstill {
  readonly untilMs: number;
  readonly ms: number;
}

/**
 * Lease time by DESIGN section 3, rules 1 to 4 and 6, followed from the log alone: lease time is the sum of the stamps'
 * differences; leases end by an Expire that covers them, none before its TTL has passed in true time, none later than the
 * bound. And committed stamps of different terms never overlap in true time.
 */
export class LeaseTimeCheck implements EntryCheck {
  readonly #report: Report;
  /** How far a monotonic clock may be off, as a ratio. */
  readonly #drift: number;
  readonly #leases = new Map<string, Known>();
  readonly #standstills: Standstill[] = [];
  #nowMs = 0;
  #last:
    | {
        readonly term: number;
        readonly stampMs: number;
        readonly stampedAtMs: number;
        /** From its stamp to its commit. */
        readonly tookMs: number;
      }
    | undefined;
  #lastCommitAtMs = 0;
  /** When an Expire was applied that left some for the next; undefined: the last one left none. */
  #backlogSinceMs: number | undefined;
  /** The largest upTo of an applied Expire. */
  #expiredUpToMs = 0;
  /** What counts for grants of the entry at hand: an Expire in the midst of other commands counts from the next entry on. */
  #dueUpToMs = 0;
  /** For the lock check. */
  readonly deadlineOf = (lease: string): number | undefined => this.#leases.get(lease)?.deadlineMs;

  constructor(report: Report, drift: number) {
    this.#report = report;
    this.#drift = drift;
  }

  /** Whoever's lease is due by then must not be granted anything. */
  get dueUpToMs(): number {
    return this.#dueUpToMs;
  }

  committed(entry: Committed, state: StateMachine): void {
    const { batch, stampedAtMs, term, index, member } = entry;
    if (batch === undefined) return;
    const expiredBeforeMs = this.#expiredUpToMs;
    if (stampedAtMs === undefined) {
      this.#report('stamps', `entry ${index} of term ${term} was stamped by nobody`, [member]);
      return;
    }
    this.#stamp(entry, stampedAtMs, batch.stampMs);
    if (state.leaseClockMs !== this.#nowMs) {
      const seen = `after ${index} lease time is ${state.leaseClockMs} on member ${member}; the stamps add up to ${this.#nowMs}`;
      this.#report('lease time is the sum of stamps', seen, [member]);
    }
    const revoked = new Set<string>();
    for (const { op } of batch.commands) if (op?.$case === 'leaseRevoke') revoked.add(op.value.lease);
    for (const [at, { op }] of batch.commands.entries()) {
      const result = entry.applied.results[at]?.result;
      if (result?.$case === 'leaseGrant') this.#granted(result.value.lease, result.value.ttlMs, stampedAtMs);
      else if (result?.$case === 'leaseKeepAlive' && op?.$case === 'leaseKeepAlive')
        this.#renewed(op.value.leases, result.value.ttlMs, stampedAtMs);
      else if (result?.$case === 'leaseRevoke' && op?.$case === 'leaseRevoke')
        this.#leases.delete(op.value.lease);
      else if (result?.$case === 'expired' && op?.$case === 'expire')
        this.#expired(entry, state, op.value.upToMs, result.value.more, revoked);
    }
    this.#dueUpToMs = batch.commands.length === 1 ? this.#expiredUpToMs : expiredBeforeMs;
  }

  /** Leases that should have ended long ago. Looked at now and then. */
  full(nowMs: number): void {
    for (const lease of this.#leases.values()) this.#late(lease, nowMs, 'has not ended yet');
  }

  #stamp({ term, index, member, atMs }: Committed, stampedAtMs: number, stampMs: number): void {
    const last = this.#last;
    const tookMs = atMs - stampedAtMs;
    if (last === undefined) {
      // Nothing to compare with.
    } else if (last.term === term) {
      const difference = stampMs - last.stampMs;
      const passed = stampedAtMs - last.stampedAtMs;
      if (difference < 0)
        this.#report('stamps', `stamp of entry ${index} fell by ${-difference} ms`, [member]);
      if (difference > passed * (1 + this.#drift) + 2)
        this.#report(
          'stamps',
          `stamp of entry ${index} rose by ${difference} ms in ${passed.toFixed(1)} ms`,
          [member],
        );
      this.#nowMs += Math.min(Math.max(difference, 0), STEP_MS);
      if (difference > STEP_MS)
        this.#report('stamps', `stamp of entry ${index} rose by ${difference} ms at once, more than STEP`, [
          member,
        ]);
      if (passed > STEP_MS) this.#standstills.push({ untilMs: stampedAtMs, ms: passed });
      // No stamp is further than STEP ahead of the newest that its leader has applied: where commits take longer, time is dropped.
      else if (Math.max(tookMs, last.tookMs) > STEP_MS)
        this.#standstills.push({ untilMs: stampedAtMs, ms: Math.max(0, passed - difference) });
    } else {
      if (stampedAtMs < last.stampedAtMs) {
        const seen = `entry ${index} of term ${term} was stamped ${(last.stampedAtMs - stampedAtMs).toFixed(1)} ms before one of term ${last.term}`;
        this.#report('committed stamps of terms do not overlap', seen, [member]);
      }
      this.#standstills.push({ untilMs: stampedAtMs, ms: LEADER_CHANGE_MS + stampedAtMs - last.stampedAtMs });
    }
    const quiet = atMs - this.#lastCommitAtMs;
    if (quiet > QUIET_MS) this.#standstills.push({ untilMs: atMs, ms: quiet });
    this.#lastCommitAtMs = atMs;
    this.#last = { term, stampMs, stampedAtMs, tookMs };
  }

  #granted(id: string, ttlMs: number, renewedAtMs: number): void {
    this.#leases.set(id, { id, ttlMs, deadlineMs: this.#nowMs + ttlMs, renewedAtMs });
  }

  #renewed(leases: readonly string[], ttls: readonly number[], renewedAtMs: number): void {
    for (const [at, id] of leases.entries()) {
      const lease = this.#leases.get(id);
      if (lease === undefined || ttls[at] === 0) continue;
      lease.deadlineMs = this.#nowMs + lease.ttlMs;
      lease.renewedAtMs = renewedAtMs;
    }
  }

  #expired(
    { index, member, atMs }: Committed,
    state: StateMachine,
    upToMs: number,
    more: boolean,
    revoked: ReadonlySet<string>,
  ): void {
    this.#expiredUpToMs = Math.max(this.#expiredUpToMs, upToMs);
    // Of a backlog each Expire is proposed once the one before it is applied.
    if (this.#backlogSinceMs !== undefined)
      this.#standstills.push({ untilMs: atMs, ms: atMs - this.#backlogSinceMs });
    this.#backlogSinceMs = more ? atMs : undefined;
    for (const lease of this.#leases.values()) {
      // The state is that after the whole entry: what the same entry revokes says nothing about the Expire.
      if (revoked.has(lease.id)) continue;
      const ended = state.lease(lease.id) === undefined;
      const due = lease.deadlineMs <= upToMs;
      if (ended && !due) {
        const seen = `entry ${index} ended lease ${lease.id}, due at ${lease.deadlineMs}, by an Expire up to ${upToMs}`;
        this.#report('leases end only when due', seen, [member]);
      } else if (!ended && due && !more) {
        const seen = `entry ${index} left lease ${lease.id}, due at ${lease.deadlineMs}, in an Expire up to ${upToMs}`;
        this.#report('an Expire ends what is due', seen, [member]);
      }
      if (!ended) continue;
      this.#leases.delete(lease.id);
      const livedMs = atMs - lease.renewedAtMs;
      if (livedMs < lease.ttlMs / (1 + this.#drift) - 2) {
        const seen = `lease ${lease.id} with a TTL of ${lease.ttlMs} ms ended ${livedMs.toFixed(1)} ms after it was renewed`;
        this.#report('no lease ends early', seen, [member]);
      }
      this.#late(lease, atMs, 'ended');
    }
  }

  #late(lease: Known, nowMs: number, what: string): void {
    const overMs = nowMs - lease.renewedAtMs - lease.ttlMs * (1 + this.#drift);
    if (overMs <= STEP_MS + EXPIRY_MS) return;
    let allowedMs = STEP_MS + EXPIRY_MS;
    for (let at = this.#standstills.length - 1; at >= 0; at--) {
      const { untilMs, ms } = this.#standstills[at]!;
      // They are not in order: what was stamped in an older term may be committed after a long quiet time.
      if (untilMs >= lease.renewedAtMs) allowedMs += ms;
    }
    // What was stamped after the newest committed stamp is not committed yet, an Expire neither: where commits take long, so does it.
    if (this.#last !== undefined) allowedMs += Math.max(0, nowMs - this.#last.stampedAtMs);
    if (this.#backlogSinceMs !== undefined) allowedMs += nowMs - this.#backlogSinceMs;
    if (overMs <= allowedMs) return;
    this.#report(
      'no lease outlives its bound',
      `lease ${lease.id} with a TTL of ${lease.ttlMs} ms ${what} ${Math.round(overMs)} ms after it was over; ${Math.round(allowedMs)} ms can be explained`,
    );
  }
}
