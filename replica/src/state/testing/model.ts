import { AcquireOutcome, type LockMode } from '@aegis/proto/v1/lock';
import type { Call } from '@aegis/proto/v1/session';
import type { Op, Outcome } from './script.js';

/**
 * What the state machine has to do, said as plainly as possible: lists that are searched and sorted, nothing indexed,
 * nothing kept that can be worked out. It shares no code with the machine.
 */
interface ModelClaim {
  kind: 'lock' | 'election';
  name: string;
  lease: string;
  claim: number;
  mode: LockMode;
  permits: number;
  delayMs: number;
  /** Lease time; Infinity without limit. */
  waitUntil: number;
  /** 0 while it waits. */
  token: number;
  value: string;
  number: number;
}
interface ModelLease {
  id: string;
  ttlMs: number;
  deadline: number;
  grantIndex: number;
  floor: number;
  results: Map<number, Outcome>;
}
interface ModelDelay {
  kind: 'lock' | 'election';
  name: string;
  until: number;
  number: number;
}
type Place = Pick<ModelClaim, 'kind' | 'name'>;

const refusal = (error: string): Outcome => ({ error, message: '' });
const isShared = (mode: LockMode): boolean => mode === 2;
const isSemaphore = (mode: LockMode): boolean => mode === 3;
const samePlace = (a: Place, b: Place): boolean => a.kind === b.kind && a.name === b.name;

export class Model {
  nowMs = 0;
  stamp: { term: number; ms: number } | undefined;
  expiredUpTo = 0;
  tokens = 0;
  numbers = 0;
  leases: ModelLease[] = [];
  claims: ModelClaim[] = [];
  delays: ModelDelay[] = [];

  stampIt(term: number, ms: number): void {
    if (this.stamp?.term === term) this.nowMs += Math.max(0, Math.min(ms - this.stamp.ms, 2000));
    this.stamp = { term, ms };
  }

  do(index: number, op: Op, call: Call | undefined): Outcome {
    if (call === undefined) return this.#make(index, op);
    const session = this.lease(call.lease);
    if (session === undefined || session.grantIndex !== call.grantIndex) return refusal('SESSION_EXPIRED');
    const known = session.results.get(call.sequence);
    if (known !== undefined) return known;
    if (call.sequence < session.floor || call.sequence < call.lowestUnanswered)
      return refusal('SESSION_EXPIRED');
    if (call.sequence - call.lowestUnanswered >= 4096) return refusal('SESSION_WINDOW');
    const outcome = this.#make(index, op);
    session.floor = Math.max(session.floor, call.lowestUnanswered);
    session.results.set(call.sequence, outcome);
    for (const sequence of session.results.keys())
      if (sequence < session.floor) session.results.delete(sequence);
    return outcome;
  }

  lease(id: string): ModelLease | undefined {
    return this.leases.find((lease) => lease.id === id);
  }

  holders(place: Place): ModelClaim[] {
    return this.claims
      .filter((claim) => samePlace(claim, place) && claim.token > 0)
      .sort((a, b) => a.token - b.token);
  }

  waiters(place: Place): ModelClaim[] {
    return this.claims
      .filter((claim) => samePlace(claim, place) && claim.token === 0)
      .sort((a, b) => a.number - b.number);
  }

  delay(place: Place): ModelDelay | undefined {
    return this.delays.find((delay) => samePlace(delay, place));
  }

  #make(index: number, op: Op): Outcome {
    switch (op.$case) {
      case 'leaseGrant': {
        const { lease: id, ttlMs } = op.value;
        if (ttlMs < 2000 || ttlMs > 86_400_000) return refusal('INVALID_TTL');
        if (this.lease(id) !== undefined) return refusal('LEASE_EXISTS');
        const deadline = this.nowMs + ttlMs;
        this.leases.push({ id, ttlMs, deadline, grantIndex: index, floor: 0, results: new Map() });
        return { lease: id, ttlMs, grantIndex: index };
      }
      case 'leaseKeepAlive': {
        const ttlMs = op.value.leases.map((id) => {
          const lease = this.lease(id);
          if (lease === undefined) return 0;
          lease.deadline = this.nowMs + lease.ttlMs;
          // What it waited for while it was due, in the order in which it asked.
          this.#grantAll(this.claims.filter((claim) => claim.lease === id && claim.token === 0));
          return lease.ttlMs;
        });
        return { ttlMs };
      }
      case 'leaseRevoke': {
        if (this.lease(op.value.lease) === undefined) return refusal('LEASE_NOT_FOUND');
        this.#grantAll(this.#endLease(op.value.lease));
        return {};
      }
      case 'lockAcquire': {
        const { name, lease, claim, permits, waitMs, lockDelayMs } = op.value;
        const mode = op.value.mode === 0 ? 1 : op.value.mode;
        const asked = {
          kind: 'lock' as const,
          name,
          lease,
          claim,
          mode,
          permits: isSemaphore(mode) ? permits : 0,
        };
        return this.#acquire({ ...asked, delayMs: lockDelayMs, value: '' }, waitMs);
      }
      case 'campaign': {
        const { election: name, lease, claim, value, waitMs } = op.value;
        const asked = {
          kind: 'election' as const,
          name,
          lease,
          claim,
          mode: 1 as const,
          permits: 0,
          delayMs: 0,
        };
        return this.#acquire({ ...asked, value: value.toString() }, waitMs);
      }
      case 'lockRelease':
        return this.#release({ ...op.value, kind: 'lock' });
      case 'resign':
        return this.#release({ ...op.value, kind: 'election', name: op.value.election });
      case 'proclaim': {
        const { election: name, lease, claim, value } = op.value;
        const leader = this.#find({ kind: 'election', name, lease, claim });
        if (leader === undefined || leader.token === 0) return refusal('NOT_ELECTION_LEADER');
        leader.value = value.toString();
        return { token: leader.token };
      }
      case 'advance':
        return {};
      case 'expire':
        return this.#expire(op.value.upToMs, op.value.limit);
      case 'setLeaseSettings':
      case 'kvPut':
      case 'kvDeleteRange':
      case 'kvTxn':
      case 'kvCompact':
      case 'setKvQuota':
      case 'setAlarm':
      case 'scrub':
      case 'setClusterVersion':
      case 'refuseGrowth':
        throw new Error('not in the model');
    }
  }

  #acquire(asked: Omit<ModelClaim, 'waitUntil' | 'token' | 'number'>, waitMs: number): Outcome {
    if (this.lease(asked.lease) === undefined) return refusal('LEASE_NOT_FOUND');
    const standing = this.#find(asked);
    if (standing !== undefined) {
      if (standing.mode !== asked.mode || standing.permits !== asked.permits)
        return refusal('CLAIM_MISMATCH');
      return this.#standing(standing);
    }
    const inUse = this.claims.find((claim) => samePlace(claim, asked));
    if (inUse !== undefined && inUse.permits !== asked.permits) return refusal('LOCK_KIND_MISMATCH');
    const waitUntil = waitMs > 0 ? this.nowMs + waitMs : Infinity;
    const claim: ModelClaim = { ...asked, waitUntil, token: 0, number: ++this.numbers };
    this.claims.push(claim);
    this.#grantAll([claim]);
    if (claim.token === 0 && waitMs === 0) {
      this.claims = this.claims.filter((each) => each !== claim);
      return { outcome: AcquireOutcome.NOT_GRANTED, token: 0, position: 0 };
    }
    return this.#standing(claim);
  }

  #standing(claim: ModelClaim): Outcome {
    if (claim.token > 0) return { outcome: AcquireOutcome.GRANTED, token: claim.token, position: 0 };
    return { outcome: AcquireOutcome.QUEUED, token: 0, position: this.waiters(claim).indexOf(claim) };
  }

  #release(asked: Pick<ModelClaim, 'kind' | 'name' | 'lease' | 'claim'>): Outcome {
    const claim = this.#find(asked);
    if (claim === undefined) return { released: false, token: 0 };
    this.claims = this.claims.filter((each) => each !== claim);
    this.#grantAll([claim]);
    return { released: true, token: claim.token };
  }

  #expire(upTo: number, limit: number): Outcome {
    if (upTo > this.nowMs || limit < 1) return refusal('INVALID_ARGUMENT');
    this.expiredUpTo = Math.max(this.expiredUpTo, upTo);
    const outcome = { leases: 0, waits: 0, delays: 0, more: false };
    const touched: Place[] = [];
    for (let count = 0; count < limit; count++) {
      const first = this.#due(upTo)[0];
      if (first === undefined) break;
      if (first.lease !== undefined) {
        touched.push(...this.#endLease(first.lease.id));
        outcome.leases++;
      } else if (first.delay !== undefined) {
        this.delays = this.delays.filter((delay) => delay !== first.delay);
        touched.push(first.delay);
        outcome.delays++;
      } else {
        this.claims = this.claims.filter((claim) => claim !== first.wait);
        touched.push(first.wait!);
        outcome.waits++;
      }
    }
    this.#grantAll(touched);
    return { ...outcome, more: this.#due(upTo).length > 0 };
  }

  #due(
    upTo: number,
  ): { at: number; rank: number; id: bigint; lease?: ModelLease; delay?: ModelDelay; wait?: ModelClaim }[] {
    return [
      ...this.leases.map((lease) => ({ at: lease.deadline, rank: 0, id: BigInt(lease.id), lease })),
      ...this.delays.map((delay) => ({ at: delay.until, rank: 1, id: BigInt(delay.number), delay })),
      ...this.claims
        .filter(({ token }) => token === 0)
        .map((wait) => ({ at: wait.waitUntil, rank: 2, id: BigInt(wait.number), wait })),
    ]
      .filter(({ at }) => at <= upTo)
      .sort((a, b) => a.at - b.at || a.rank - b.rank || (a.id < b.id ? -1 : 1));
  }

  #endLease(id: string): ModelClaim[] {
    const ended = this.claims.filter(({ lease }) => lease === id).sort((a, b) => a.number - b.number);
    this.leases = this.leases.filter((lease) => lease.id !== id);
    this.claims = this.claims.filter(({ lease }) => lease !== id);
    for (const { kind, name, delayMs, token, number } of ended) {
      if (token === 0 || delayMs === 0) continue;
      const delay = { kind, name, until: this.nowMs + delayMs, number };
      const present = this.delay(delay);
      if (present !== undefined && present.until >= delay.until) continue;
      this.delays = [...this.delays.filter((each) => each !== present), delay];
    }
    return ended;
  }

  #grantAll(places: readonly Place[]): void {
    for (const place of places) {
      for (let next = this.#next(place); next !== undefined; next = this.#next(place))
        next.token = ++this.tokens;
    }
  }

  /** The first waiter, if it can have the lock. */
  #next(place: Place): ModelClaim | undefined {
    const [first] = this.waiters(place);
    if (first === undefined || this.delay(place) !== undefined) return undefined;
    if (first.waitUntil <= this.expiredUpTo || this.lease(first.lease)!.deadline <= this.expiredUpTo)
      return undefined;
    const holders = this.holders(place);
    if (isSemaphore(first.mode)) return holders.length < first.permits ? first : undefined;
    if (isShared(first.mode)) return holders.every(({ mode }) => isShared(mode)) ? first : undefined;
    return holders.length === 0 ? first : undefined;
  }

  #find(asked: Pick<ModelClaim, 'kind' | 'name' | 'lease' | 'claim'>): ModelClaim | undefined {
    return this.claims.find(
      (claim) => samePlace(claim, asked) && claim.lease === asked.lease && claim.claim === asked.claim,
    );
  }
}
