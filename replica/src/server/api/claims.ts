import { AcquireOutcome } from '@aegis/proto/v1/lock';
import type { ClaimSettled } from '@aegis/proto/v1/session';

import { errorOf } from '../../errors/index.js';
import type { StateEvent, StateMachine } from '../../state/index.js';

export interface ClaimKey {
  readonly kind: 'lock' | 'election';
  readonly name: string;
  readonly lease: string;
  readonly claim: number;
}

export type Settled = Omit<ClaimSettled, 'operation'>;
type Waiter = (settled: Settled) => void;

/** Callers that were told "queued", waiting for what becomes of their claim. */
export class Claims {
  readonly #state: StateMachine;
  readonly #waiters = new Map<string, { readonly key: ClaimKey; readonly waiters: Set<Waiter> }>();

  constructor(state: StateMachine) {
    this.#state = state;
  }

  /**
   * Calls `waiter` once: now if the claim is settled already (the answer "queued" may be that of an earlier try),
   * else when it is. Returns how to stop waiting.
   */
  wait(key: ClaimKey, waiter: Waiter): () => void {
    const now = this.#settledNow(key);
    if (now !== undefined) {
      waiter(now);
      return () => {};
    }
    const id = idOf(key);
    const entry = this.#waiters.get(id) ?? { key, waiters: new Set() };
    this.#waiters.set(id, entry);
    entry.waiters.add(waiter);
    return () => {
      entry.waiters.delete(waiter);
      if (entry.waiters.size === 0 && this.#waiters.get(id) === entry) this.#waiters.delete(id);
    };
  }

  dispatch(event: StateEvent): void {
    if (this.#waiters.size === 0) return;
    const settled = settledBy(event);
    if (settled === undefined) return;
    this.#settle(idOf(event), settled);
  }

  /** The state jumped: what settled a claim may have passed without an event. */
  stateReplaced(): void {
    for (const [id, { key }] of this.#waiters) {
      const now = this.#settledNow(key);
      if (now !== undefined) this.#settle(id, now);
    }
  }

  #settle(id: string, settled: Settled): void {
    const entry = this.#waiters.get(id);
    if (entry === undefined) return;
    this.#waiters.delete(id);
    for (const waiter of entry.waiters) waiter(settled);
  }

  #settledNow(key: ClaimKey): Settled | undefined {
    const claim = this.#state.claim(key.kind, key.name, key.lease, key.claim);
    if (claim === undefined) return gone(key);
    if (claim.token === 0) return undefined;
    return { outcome: AcquireOutcome.GRANTED, token: claim.token, error: undefined };
  }
}

function settledBy(event: StateEvent): Settled | undefined {
  switch (event.type) {
    case 'granted':
      return { outcome: AcquireOutcome.GRANTED, token: event.token, error: undefined };
    case 'waitEnded':
      return { outcome: AcquireOutcome.NOT_GRANTED, token: 0, error: undefined };
    case 'released':
    case 'leaseEnded':
      return gone(event);
    case 'queued':
    case 'proclaimed':
      return undefined;
  }
}

function gone(key: ClaimKey): Settled {
  const { name, claim, lease } = key;
  return {
    outcome: AcquireOutcome.UNSPECIFIED,
    token: 0,
    error: errorOf('LOCK_NOT_HELD', { name, claim, lease }),
  };
}

function idOf(key: ClaimKey): string {
  return `${key.kind}:${key.lease}:${key.claim}:${key.name}`;
}
