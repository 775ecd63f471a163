import type { StateEvent, StateMachine } from '@aegis/replica/sim';

import type { Committed, EntryCheck } from './history.js';
import type { LeaseTimeCheck } from './lease-time.js';
import type { Report } from './verdict.js';

interface Known {
  readonly exclusive: boolean;
  /** Claims that hold it, with their tokens. */
  readonly holders: Map<string, number>;
  /** Claims in the order of their arrival. */
  queue: string[];
}

/** A client's own belief that it holds a lock. */
export interface Belief {
  readonly token: number;
  /** By the holder's own clocks, now. */
  believes(): boolean;
}

/** What locks whose names begin so are asked for in this world. */
export const EXCLUSIVE = 'x/';

/**
 * Locks and elections by their events: fencing tokens only grow; an exclusive lock has one holder; waiters are granted in the order
 * in which they came; none is granted whose lease is due; and nobody is granted while another still believes to hold.
 */
export class LockCheck implements EntryCheck {
  readonly #report: Report;
  readonly #leases: LeaseTimeCheck;
  readonly #locks = new Map<string, Known>();
  readonly #beliefs = new Map<string, Set<Belief>>();
  readonly #everGranted = new Set<string>();
  #newestToken = 0;

  constructor(report: Report, leases: LeaseTimeCheck) {
    this.#report = report;
    this.#leases = leases;
  }

  /** A client was told that it holds a lock. Returns how to end that. */
  believed(lock: string, belief: Belief): () => void {
    const all = this.#beliefs.get(lock) ?? new Set();
    this.#beliefs.set(lock, all.add(belief));
    return () => void all.delete(belief);
  }

  committed({ applied, index, member }: Committed): void {
    for (const event of applied.events) this.#event(event, index, member);
  }

  /** What the events add up to is what a state holds. */
  full(state: StateMachine, member: number): void {
    for (const [key, { holders, exclusive }] of this.#locks) {
      const [kind, name] = splitKey(key);
      const held =
        kind === 'lock'
          ? state.lock(name).holders.map((h) => `${h.lease}/${h.claim}`)
          : [state.leader(name).leader].flatMap((h) => (h === undefined ? [] : [`${h.lease}/${h.claim}`]));
      if (exclusive && held.length > 1)
        this.#report('one holder', `${key} is held by ${held.join(' and ')} on member ${member}`, [member]);
      if (held.length !== holders.size || !held.every((claim) => holders.has(claim))) {
        const seen = `${key} is held by ${held.join(', ') || 'nobody'} on member ${member}; by its events it is ${[...holders.keys()].join(', ') || 'nobody'}`;
        this.#report('holders follow from events', seen, [member]);
      }
    }
  }

  #event(event: StateEvent, index: number, member: number): void {
    const key = `${event.kind}:${event.name}`;
    const claim = `${event.lease}/${event.claim}`;
    const lock = this.#locks.get(key) ?? newLock(event);
    this.#locks.set(key, lock);
    switch (event.type) {
      case 'granted':
        this.#granted(key, lock, claim, event, index, member);
        return;
      case 'queued':
        lock.queue.push(claim);
        return;
      case 'released':
      case 'leaseEnded':
      case 'waitEnded':
        lock.holders.delete(claim);
        lock.queue = lock.queue.filter((waiting) => waiting !== claim);
        return;
      case 'proclaimed':
    }
  }

  #granted(
    key: string,
    lock: Known,
    claim: string,
    { token, lease }: StateEvent,
    index: number,
    member: number,
  ): void {
    if (token <= this.#newestToken) {
      const seen = `entry ${index} grants ${key} under token ${token}, and ${this.#newestToken} was given before`;
      this.#report('fencing tokens grow', seen, [member]);
    }
    this.#newestToken = Math.max(this.#newestToken, token);
    if (lock.exclusive && lock.holders.size > 0) {
      const seen = `entry ${index} grants ${key} to ${claim} while ${[...lock.holders.keys()].join(', ')} holds it`;
      this.#report('one holder', seen, [member]);
    }
    const once = `${key} ${claim}`;
    if (this.#everGranted.has(once))
      this.#report('at most once', `entry ${index} grants ${key} to ${claim} for the second time`, [member]);
    this.#everGranted.add(once);
    const place = lock.queue.indexOf(claim);
    if (place > 0 || (place < 0 && lock.queue.length > 0)) {
      const seen = `entry ${index} grants ${key} to ${claim}, and ${lock.queue[0]} came before`;
      this.#report('first come, first served', seen, [member]);
    }
    if (place >= 0) lock.queue.splice(place, 1);
    const deadline = this.#leases.deadlineOf(lease);
    if (deadline !== undefined && deadline <= this.#leases.dueUpToMs) {
      const seen = `entry ${index} grants ${key} to ${claim}, whose lease was due at ${deadline}; expired up to ${this.#leases.dueUpToMs}`;
      this.#report('no grant to a lease that is due', seen, [member]);
    }
    lock.holders.set(claim, token);
    if (lock.exclusive) this.#nobodyElseBelieves(key, token, index, member);
  }

  #nobodyElseBelieves(key: string, token: number, index: number, member: number): void {
    for (const belief of this.#beliefs.get(key) ?? []) {
      if (belief.token === token || !belief.believes()) continue;
      const seen = `entry ${index} grants ${key} under token ${token} while the client of token ${belief.token} still believes to hold it`;
      this.#report('a holder stops believing first', seen, [member]);
    }
  }
}

function newLock({ kind, name }: StateEvent): Known {
  return { exclusive: kind === 'election' || name.startsWith(EXCLUSIVE), holders: new Map(), queue: [] };
}

function splitKey(key: string): [string, string] {
  const colon = key.indexOf(':');
  return [key.slice(0, colon), key.slice(colon + 1)];
}
