import { type Holder, type LockEvent, LockEventType, LockMode } from '@aegis/proto/v1/lock';
import type { LeaderResponse } from '@aegis/proto/v1/election';
import type { Error as Failure } from '@aegis/proto/v1/error';

import type { StateEvent, StateMachine } from '../../state/index.js';
import { refuseWatch } from './watch-limit.js';

export type LockListener = (event: LockEvent) => void;
export type LeaderListener = (leader: LeaderResponse) => void;

const TYPES = {
  granted: LockEventType.GRANTED,
  queued: LockEventType.QUEUED,
  released: LockEventType.RELEASED,
  leaseEnded: LockEventType.LEASE_ENDED,
  waitEnded: LockEventType.WAIT_ENDED,
  proclaimed: LockEventType.PROCLAIMED,
} as const;

/** Who watches which lock or election. A watch begins with the state as it is; then every change follows, in order. */
export class Watches {
  readonly #state: StateMachine;
  readonly #locks = new Map<string, Set<LockListener>>();
  readonly #elections = new Map<string, Set<LeaderListener>>();
  #size = 0;

  constructor(state: StateMachine) {
    this.#state = state;
  }

  get size(): number {
    return this.#size;
  }

  /** Why there can be no more; undefined while there can. */
  get refusal(): Failure | undefined {
    return refuseWatch(this.#size);
  }

  watchLock(name: string, listener: LockListener): () => void {
    listener(this.#lockNow(name));
    return this.#add(this.#locks, name, listener);
  }

  observe(election: string, listener: LeaderListener): () => void {
    listener(this.#leaderNow(election));
    return this.#add(this.#elections, election, listener);
  }

  /** The state jumped: every watch begins anew with it as it is. */
  stateReplaced(): void {
    for (const [name, listeners] of this.#locks) {
      const now = this.#lockNow(name);
      for (const listener of listeners) listener(now);
    }
    for (const [election, listeners] of this.#elections) {
      const now = this.#leaderNow(election);
      for (const listener of listeners) listener(now);
    }
  }

  dispatch(event: StateEvent): void {
    if (event.kind === 'lock') {
      const { name, lease, claim, token, index } = event;
      for (const listener of this.#locks.get(name) ?? []) {
        listener({ type: TYPES[event.type], name, lease, claim, token, index, state: undefined });
      }
    } else if (changesLeader(event)) {
      const listeners = this.#elections.get(event.name);
      if (listeners === undefined) return;
      const { candidates } = this.#state.leader(event.name);
      const leader = { election: event.name, leader: leaderAfter(event), candidates, index: event.index };
      for (const listener of listeners) listener(leader);
    }
  }

  #add<L>(listeners: Map<string, Set<L>>, name: string, listener: L): () => void {
    const set = listeners.get(name) ?? new Set<L>();
    listeners.set(name, set.add(listener));
    this.#size++;
    return () => {
      if (!set.delete(listener)) return;
      this.#size--;
      if (set.size === 0 && listeners.get(name) === set) listeners.delete(name);
    };
  }

  #lockNow(name: string): LockEvent {
    const { appliedIndex: index } = this.#state;
    const type = LockEventType.STATE;
    return { type, name, lease: '0', claim: 0, token: 0, index, state: this.#state.lock(name) };
  }

  #leaderNow(election: string): LeaderResponse {
    return { ...this.#state.leader(election), index: this.#state.appliedIndex };
  }
}

/** Candidates that come and go behind the leader are not reported. */
function changesLeader(event: StateEvent): boolean {
  if (event.type === 'granted' || event.type === 'proclaimed') return true;
  return (event.type === 'released' || event.type === 'leaseEnded') && event.token !== 0;
}

/** The leader that this event made; one that only ended a leadership leaves none. */
function leaderAfter(event: StateEvent): Holder | undefined {
  if (event.type !== 'granted' && event.type !== 'proclaimed') return undefined;
  const { lease, claim, token } = event;
  return { lease, claim, mode: LockMode.EXCLUSIVE, token, value: Buffer.from(event.value ?? []) };
}
