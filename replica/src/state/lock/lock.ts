import { LockMode } from '@aegis/proto/v1/lock';
import type { ClaimKind } from '../applied.js';
import type { Lease } from '../lease/lease.js';
import { type Claim, ClaimList, lockLinks } from './claim.js';
import type { Delay } from './delay.js';

/** From how many claims on a lock keeps an index of them. */
const INDEX_FROM = 8;

/** A lock in use: its holders and the queue behind them. An election is an exclusive one in a namespace of its own. */
export class Lock {
  /** In the order of their grants, which is that of their tokens. */
  readonly holders = new ClaimList(lockLinks);
  /** In the order of their arrival, which is the order in which they are granted. */
  readonly queue = new ClaimList(lockLinks);
  delay: Delay | undefined;
  #index: Map<string, Claim> | undefined;

  constructor(
    readonly kind: ClaimKind,
    readonly name: string,
  ) {}

  get claims(): number {
    return this.holders.length + this.queue.length;
  }

  get isFree(): boolean {
    return this.claims === 0 && this.delay === undefined;
  }

  /** Any claim: on a lock in use all agree on being permits of one semaphore or not. */
  get sample(): Claim | undefined {
    return this.holders.first ?? this.queue.first;
  }

  find(lease: Lease, claim: number): Claim | undefined {
    if (this.#index !== undefined) return this.#index.get(indexKey(lease, claim));
    for (let each = this.holders.first; each !== undefined; each = each.nextOfLock)
      if (each.claim === claim && each.lease === lease) return each;
    for (let each = this.queue.first; each !== undefined; each = each.nextOfLock)
      if (each.claim === claim && each.lease === lease) return each;
    return undefined;
  }

  add(claim: Claim): void {
    (claim.token === 0 ? this.queue : this.holders).append(claim);
    if (this.#index !== undefined) this.#index.set(indexKey(claim.lease, claim.claim), claim);
    else if (this.claims > INDEX_FROM) this.#buildIndex();
  }

  remove(claim: Claim): void {
    (claim.token === 0 ? this.queue : this.holders).remove(claim);
    this.#index?.delete(indexKey(claim.lease, claim.claim));
  }

  /** From the queue to the holders. */
  promote(claim: Claim, token: number): void {
    this.queue.remove(claim);
    claim.token = token;
    this.holders.append(claim);
  }

  /** Whether a claim of this mode may join the holders, the queue and the rest of the lock left aside. */
  admits(mode: LockMode, permits: number): boolean {
    switch (mode) {
      case LockMode.SHARED:
        return this.holders.first === undefined || this.holders.first.terms.mode === LockMode.SHARED;
      case LockMode.SEMAPHORE:
        return this.holders.length < permits;
      default:
        return this.holders.length === 0;
    }
  }

  #buildIndex(): void {
    this.#index = new Map();
    for (const list of [this.holders, this.queue])
      for (const claim of list) this.#index.set(indexKey(claim.lease, claim.claim), claim);
  }
}

function indexKey(lease: Lease, claim: number): string {
  return `${lease.id}/${claim}`;
}
