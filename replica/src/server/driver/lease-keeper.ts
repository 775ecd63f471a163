import type { Command } from '@aegis/proto/replica/command';

import type { Environment } from './environment.js';
import type { Settle } from './proposals.js';

/** How often a leader looks for what is due. Lease time itself moves with every applied stamp. */
const LOOK_INTERVAL_MS = 50;
/** Lease time stands still without stamps: a leader with timed work stamps at least this often. */
export const ADVANCE_INTERVAL_MS = 500;

export interface LeaseView {
  readonly leaseClockMs: number;
  /** Lease time at which the first lease, lock-delay or wait is due; undefined when there is none. */
  nextDeadlineMs(): number | undefined;
}

export interface LeaseActions {
  leading(): boolean;
  /** Proposes `command` behind whatever the sockets have brought. Never sent on, never tried again. */
  propose(command: Command, settle: Settle): void;
  lastStampAt(): number;
  expiryLimit(): number;
}

/**
 * The leader's part in lease time (DESIGN, lease time, rules 2 and 4). To expire, it first fixes `upTo`, then reads
 * its sockets once round and proposes all keepalives in hand, and only then proposes the Expire.
 */
export class LeaseKeeper {
  readonly #environment: Environment;
  readonly #view: LeaseView;
  readonly #actions: LeaseActions;
  #lookedAt = 0;
  #expiring = false;

  constructor(environment: Environment, view: LeaseView, actions: LeaseActions) {
    this.#environment = environment;
    this.#view = view;
    this.#actions = actions;
  }

  /** Called every tick. */
  tick(): void {
    const now = this.#environment.monotonicMs();
    if (now - this.#lookedAt < LOOK_INTERVAL_MS || !this.#actions.leading()) return;
    this.#lookedAt = now;
    this.#look();
    if (
      this.#view.nextDeadlineMs() !== undefined &&
      now - this.#actions.lastStampAt() >= ADVANCE_INTERVAL_MS
    ) {
      this.#actions.propose({ call: undefined, op: { $case: 'advance', value: {} } }, () => {});
    }
  }

  /** Begins an expiry if something is due and none is out. */
  #look(): void {
    const due = this.#view.nextDeadlineMs();
    const upToMs = this.#view.leaseClockMs;
    if (due === undefined || due > upToMs || this.#expiring) return;
    this.#expiring = true;
    this.#environment.afterSocketRound(() => {
      if (!this.#actions.leading()) {
        this.#expiring = false;
        return;
      }
      const limit = this.#actions.expiryLimit();
      this.#actions.propose(
        { call: undefined, op: { $case: 'expire', value: { upToMs, limit } } },
        (result) => {
          this.#expiring = false;
          if (result !== undefined && this.#actions.leading()) this.#look();
        },
      );
    });
  }
}
