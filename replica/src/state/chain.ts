import { assert } from './assert.js';
import { NO_HASH } from './hash/entry-record.js';
import type { Standing } from './meta.js';
import type { State } from './state.js';

/** Which entry was applied last, and the hash over all up to it. */
export class Chain {
  #index = 0;
  #term = 0;
  /** In hex: a string is made in half the time of a buffer, and most who ask want it so. */
  #hash = NO_HASH;
  /** Set by what cannot be undone: an entry that was applied in part. */
  #broken = false;

  get index(): number {
    return this.#index;
  }

  get term(): number {
    return this.#term;
  }

  get standing(): Standing {
    return { appliedIndex: this.#index, appliedTerm: this.#term, hash: Buffer.from(this.#hash, 'hex') };
  }

  /** Hex digest. */
  get hash(): string {
    return this.#hash;
  }

  loaded({ appliedIndex, appliedTerm, hash }: Standing): void {
    this.#index = appliedIndex;
    this.#term = appliedTerm;
    this.#hash = hash.toString('hex');
  }

  /** Whether the entry is the next one, and may be. */
  check({ term, index }: { readonly term: number; readonly index: number }): void {
    assert(!this.#broken, 'an earlier entry failed half-way');
    assert(index === this.#index + 1, `applies ${index} after ${this.#index}`);
    assert(term >= this.#term, `terms do not fall: ${term} after ${this.#term}`);
  }

  /** From here to `end` the entry is applied in part. */
  begin(state: State, term: number, index: number): void {
    this.#broken = true;
    state.index = index;
    state.events = [];
    state.scrub = false;
    state.kv.changes = [];
    state.record.begin(this.#hash, index, term);
  }

  end(state: State, term: number, index: number): void {
    const { record, clock, leaseSettings, expiredUpToMs, newestToken, newestClaim } = state;
    record.number(clock.nowMs);
    record.number(clock.stampTerm);
    record.number(clock.stampMs);
    record.number(expiredUpToMs);
    record.number(newestToken);
    record.number(newestClaim);
    record.number(leaseSettings.leaseMinTtlMs);
    record.number(leaseSettings.leaseMaxTtlMs);
    // States of before it existed keep their hashes.
    if (leaseSettings.leaseExpiryPerTick > 0) record.number(leaseSettings.leaseExpiryPerTick);
    this.#hash = record.digest();
    this.#index = index;
    this.#term = term;
    this.#broken = false;
  }

  checkWhole(): void {
    assert(!this.#broken, 'an entry failed half-way: nothing of it may be stored');
  }
}
