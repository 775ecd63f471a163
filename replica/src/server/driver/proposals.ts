import type { Batch, Command, Result } from '@aegis/proto/replica/command';

import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';
import { commandBytes } from './command-bytes.js';
import { Company } from './company.js';
import type { Environment } from './environment.js';

/** Answers one command: what it came to, or why it is not known or did not happen. */
export type Settle = (result: Result | undefined, failed: Failure | undefined) => void;

interface Pending {
  readonly command: Command;
  readonly settle: Settle;
  /** About what it takes in an entry. */
  readonly bytes: number;
  /** Monotonic ms after which it is given up. */
  readonly deadline: number;
  /** The leader's own housekeeping: meant for this leader and this term, never sent on and never tried again. */
  readonly leaderOnly: boolean;
}

interface InFlight {
  readonly term: number;
  readonly items: readonly Pending[];
  readonly bytes: number;
}

/** How gathered commands leave: proposed here by a leader, or sent to it. */
export interface ProposalRoute {
  /** Undefined while no leader is known. */
  leader(): { term: number; here: boolean } | undefined;
  /** Stamps and proposes; false: refused for certain, nothing of it will ever be committed. */
  propose(batch: Omit<Batch, 'stampMs'>): boolean;
  forward(batch: { term: number; origin: number; number: number; commands: readonly Command[] }): void;
  /** Asks for a call of `gather`. */
  wake(): void;
}

export interface ProposalLimits {
  readonly pendingMax: number;
  /** Of all commands that wait for their answer. One command alone may be larger. */
  readonly waitingBytesMax: number;
  readonly batchCommandsMax: number;
  /** About: an entry must fit a segment of the log, and a frame between replicas. One command alone may be larger. */
  readonly batchBytesMax: number;
  /** How long commands wait for others; a full batch does not. 0: not at all. */
  readonly delayMs: number;
  readonly timeoutMs: number;
}

/**
 * Gathers the commands of one turn into batches and answers them when they are applied here, whoever led.
 *
 * A batch is meant for one term: its leader is the only one that may propose it. Once an entry of a later
 * term is applied here without it, it is certain never to be committed, so its commands go out again by
 * themselves. Only the time limit, or a snapshot that jumps over them, ends one without certainty.
 */
export class Proposals {
  readonly #environment: Environment;
  readonly #route: ProposalRoute;
  readonly #origin: number;
  readonly #limits: ProposalLimits;
  readonly #company: Company;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #number = 0;
  readonly #inFlight = new Map<number, InFlight>();
  #inFlightCommands = 0;
  #inFlightBytes = 0;
  /** After a refusal nothing goes out until the leader changes or this monotonic ms has passed. */
  #holdUntil = 0;

  constructor(environment: Environment, route: ProposalRoute, origin: number, limits: ProposalLimits) {
    this.#environment = environment;
    this.#route = route;
    this.#origin = origin;
    this.#limits = limits;
    this.#company = new Company(environment, limits.delayMs, () => route.wake());
  }

  get waiting(): number {
    return this.#pending.length + this.#inFlightCommands;
  }

  submit(command: Command, settle: Settle, leaderOnly = false): void {
    if (this.waiting >= this.#limits.pendingMax) {
      settle(
        undefined,
        errorOf('OVERLOADED', {
          what: 'the queue of commands of this replica',
          limit: this.#limits.pendingMax,
        }),
      );
      return;
    }
    const { waitingBytesMax, timeoutMs } = this.#limits;
    if (this.#pendingBytes + this.#inFlightBytes >= waitingBytesMax) {
      const what = 'the bytes of the commands that wait on this replica';
      settle(undefined, errorOf('OVERLOADED', { what, limit: waitingBytesMax }));
      return;
    }
    const deadline = this.#environment.monotonicMs() + timeoutMs;
    if (this.#pending.length === 0) this.#company.begin();
    this.#pending.push({ command, settle, bytes: commandBytes(command), deadline, leaderOnly });
    this.#pendingBytes += this.#pending.at(-1)!.bytes;
  }

  /** Sends out what this turn gathered. Cheap when there is nothing. */
  gather(): void {
    if (this.#pending.length === 0) return;
    if (this.#environment.monotonicMs() < this.#holdUntil) return;
    const leader = this.#route.leader();
    if (leader === undefined) return;
    if (this.#company.awaited && !this.#full) return;
    this.#company.end();
    this.#pendingBytes = 0;
    const items = leader.here ? this.#pending : this.#dropLeaderOnly(this.#pending);
    this.#pending = [];
    for (let from = 0; from < items.length;) {
      const to = this.#batchEnd(items, from);
      const chunk = from === 0 && to === items.length ? items : items.slice(from, to);
      if (!this.#send(leader, chunk)) {
        this.#requeue(items.slice(from));
        return;
      }
      from = to;
    }
  }

  get #full(): boolean {
    const { batchCommandsMax, batchBytesMax } = this.#limits;
    return this.#pending.length >= batchCommandsMax || this.#pendingBytes >= batchBytesMax;
  }

  /** Where the batch that begins with this item ends. */
  #batchEnd(items: readonly Pending[], from: number): number {
    const { batchCommandsMax, batchBytesMax } = this.#limits;
    const most = Math.min(items.length, from + batchCommandsMax);
    let to = from + 1;
    for (let bytes = items[from]!.bytes; to < most; to++) {
      bytes += items[to]!.bytes;
      if (bytes > batchBytesMax) break;
    }
    return to;
  }

  #send(leader: { term: number; here: boolean }, items: readonly Pending[]): boolean {
    const number = ++this.#number;
    const commands = items.map((item) => item.command);
    if (leader.here) {
      const accepted = this.#route.propose({ version: 1, origin: this.#origin, number, commands });
      if (!accepted) return false;
    } else {
      this.#route.forward({ term: leader.term, origin: this.#origin, number, commands });
    }
    const bytes = bytesOf(items);
    this.#inFlight.set(number, { term: leader.term, items, bytes });
    this.#inFlightCommands += items.length;
    this.#inFlightBytes += bytes;
    return true;
  }

  /** Every applied batch passes here; `results` are in the order of its commands. */
  applied(term: number, origin: number, number: number, results: readonly Result[]): void {
    if (origin === this.#origin) {
      const batch = this.#take(number);
      if (batch !== undefined) {
        for (let i = 0; i < batch.items.length; i++) batch.items[i]!.settle(results[i], undefined);
      }
    }
    this.termApplied(term);
  }

  /** An entry of `term` is applied: what was meant for earlier terms and is still out will never be committed. */
  termApplied(term: number): void {
    for (const [number, batch] of this.#inFlight) {
      // Batches go out in the order of their terms, so the first of a later one ends the search.
      if (batch.term >= term) return;
      this.#take(number);
      this.#requeue(batch.items);
    }
  }

  /**
   * A snapshot whose last entry is of `term` took the place of entries that were not applied here: what was meant for terms
   * up to it may have been among them.
   */
  jumpedOver(term: number): void {
    for (const [number, batch] of this.#inFlight) {
      if (batch.term > term) return;
      this.#take(number);
      for (const item of batch.items) item.settle(undefined, errorOf('LEADER_CHANGED', {}));
    }
  }

  /** The leader it was sent to says that it will not propose it. */
  refused(origin: number, number: number): void {
    if (origin !== this.#origin) return;
    const batch = this.#take(number);
    if (batch !== undefined) this.#requeue(batch.items);
  }

  leaderChanged(): void {
    this.#holdUntil = 0;
  }

  /** Gives up what is over its time. Called every 100 ms or so. */
  expire(): void {
    const now = this.#environment.monotonicMs();
    if (this.#pending.some((item) => item.deadline <= now)) {
      const late = this.#pending.filter((item) => item.deadline <= now);
      this.#pending = this.#pending.filter((item) => item.deadline > now);
      this.#pendingBytes -= bytesOf(late);
      for (const item of late) item.settle(undefined, errorOf('NO_LEADER', {}));
    }
    for (const [number, batch] of this.#inFlight) {
      if (!batch.items.every((item) => item.deadline <= now)) continue;
      this.#take(number);
      for (const item of batch.items) {
        item.settle(undefined, errorOf('TIMEOUT', { ms: this.#limits.timeoutMs }));
      }
    }
  }

  /** Ends everything that waits: what never went out for certain, the rest without certainty. */
  failAll(): void {
    this.#company.end();
    const pending = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    for (const item of pending) item.settle(undefined, errorOf('SHUTTING_DOWN', {}));
    for (const [number, batch] of this.#inFlight) {
      this.#take(number);
      for (const item of batch.items) item.settle(undefined, errorOf('LEADER_CHANGED', {}));
    }
  }

  #take(number: number): InFlight | undefined {
    const batch = this.#inFlight.get(number);
    if (batch === undefined) return undefined;
    this.#inFlight.delete(number);
    this.#inFlightCommands -= batch.items.length;
    this.#inFlightBytes -= batch.bytes;
    return batch;
  }

  #requeue(items: readonly Pending[]): void {
    const kept = this.#dropLeaderOnly(items);
    this.#pending = [...kept, ...this.#pending];
    this.#pendingBytes += bytesOf(kept);
    this.#holdUntil = this.#environment.monotonicMs() + 20;
  }

  #dropLeaderOnly(items: readonly Pending[]): Pending[] {
    if (!items.some((item) => item.leaderOnly)) return items as Pending[];
    for (const item of items) {
      if (item.leaderOnly) item.settle(undefined, errorOf('LEADER_CHANGED', {}));
    }
    return items.filter((item) => !item.leaderOnly);
  }
}

function bytesOf(items: readonly Pending[]): number {
  let sum = 0;
  for (const { bytes } of items) sum += bytes;
  return sum;
}
