import type { Command } from '@aegis/proto/replica/command';
import { MembershipChange } from '@aegis/proto/replica/membership';
import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';
import type { RawNode } from '../../raft/index.js';
import {
  FIRST_VERSION,
  isJoint,
  isRemoved,
  type KnownChange,
  planChange,
  type Planned,
  type StateMachine,
} from '../../state/index.js';
import { type AppliedChange, coreChange } from './apply-membership.js';
import type { Environment } from './environment.js';
import type { Leadership } from './leadership.js';
import { MembershipGuard } from './membership-guard.js';
import type { Settle } from './proposals.js';
import type { ReadDone } from './reads.js';

/** Answers a change: the member that it was about, or why it is not known or did not happen. */
export type SettleChange = (memberId: number | undefined, failed: Failure | undefined) => void;

export interface MembershipParts {
  readonly id: number;
  readonly origin: number;
  readonly raft: RawNode;
  readonly state: StateMachine;
  readonly environment: Environment;
  readonly leadership: Leadership;
  readonly timeoutMs: number;
  readonly electionTimeoutMs: number;
  /** Runs `done` when what is applied here is as new as anything acknowledged before. */
  readonly read: (done: ReadDone) => void;
  /** Proposes a command while this replica leads. */
  readonly propose: (command: Command, settle: Settle) => void;
}

interface Asked {
  readonly change: KnownChange['change'];
  readonly settle: SettleChange;
  /** Monotonic ms. */
  readonly at: number;
}

interface UnderWay {
  readonly number: number;
  readonly term: number;
  readonly settle: SettleChange;
  /** Monotonic ms. */
  readonly deadline: number;
  /** It is applied, and this is whom it was about. */
  memberId?: number;
}

/**
 * Changes of the membership that this replica was asked for: judged and proposed while it leads, one at a time.
 *
 * Whoever is told that a member is gone may switch its machine off. So that is said only once a majority of the new voters has
 * on disk that the change is in force: until then the others may need the vote of who was removed. A command that is proposed after
 * the leader has applied the change brings it about: it carries the commit index to all, into the same write.
 */
export class MembershipChanges {
  readonly guard: MembershipGuard;
  readonly #parts: MembershipParts;
  #number = 0;
  #underWay: UnderWay | undefined;
  /** For members to be heard, an election timeout at most. */
  readonly #waiting: Asked[] = [];

  constructor(parts: MembershipParts) {
    this.#parts = parts;
    this.guard = new MembershipGuard(parts);
  }

  request(change: KnownChange['change'], settle: SettleChange): void {
    const { leadership, environment, read } = this.#parts;
    if (!leadership.here) {
      settle(undefined, errorOf('NOT_LEADER', {}));
      return;
    }
    const at = environment.monotonicMs();
    // A leader that was replaced without knowing must not answer from what it holds. Its question goes to all members: who
    // answers is live.
    read((failed) => {
      if (failed !== undefined) settle(undefined, failed);
      else this.#judge({ change, settle, at });
    });
  }

  #judge(asked: Asked): void {
    const { state, leadership, environment, electionTimeoutMs } = this.#parts;
    const { settle, at } = asked;
    const plan = planChange(state.membership!, asked.change);
    const answer = (): void => {
      if ('error' in plan) settle(undefined, plan.error);
      else settle(plan.memberId, undefined);
    };
    if ('error' in plan || plan.core === undefined) {
      if (this.#isGone(asked.change)) this.#spread(settle, answer);
      else answer();
    } else if (!leadership.here) settle(undefined, errorOf('NOT_LEADER', {}));
    else if (this.#busy || this.#underWay !== undefined) settle(undefined, errorOf('MEMBERSHIP_BUSY', {}));
    else {
      const refused = this.guard.judge(plan, at);
      if (refused === undefined) this.#propose(asked, plan);
      else if (environment.monotonicMs() - at >= electionTimeoutMs) settle(undefined, refused);
      else this.#waiting.push(asked);
    }
  }

  /** Whether somebody asks for a removal that has been made. */
  #isGone(change: KnownChange['change']): boolean {
    const membership = this.#parts.state.membership!;
    if (change.$case === 'remove') return isRemoved(membership, change.value.id);
    return change.$case === 'replace' && isRemoved(membership, change.value.removed);
  }

  /** Runs `done` once most voters have on disk what is in force here. */
  #spread(settle: SettleChange, done: () => void): void {
    this.#parts.propose({ call: undefined, op: { $case: 'advance', value: {} } }, (_result, failed) => {
      if (failed === undefined) done();
      else settle(undefined, failed);
    });
  }

  /** A change is in the log, or may be: a new leader does not know before it has applied all of it. */
  get #busy(): boolean {
    const { raft, state } = this.#parts;
    const { pendingConfIndex, applied } = raft.basicStatus();
    return pendingConfIndex > applied || isJoint(state.membership!.confState);
  }

  #propose({ change, settle }: Asked, plan: Planned): void {
    const { raft, origin, environment, timeoutMs } = this.#parts;
    const number = ++this.#number;
    const message = { version: FIRST_VERSION, origin, number, change };
    const context = MembershipChange.encode(message).finish();
    if (raft.proposeConfChange(coreChange(plan.core!, context)) !== undefined) {
      // Leadership is being handed over.
      settle(undefined, errorOf('NO_LEADER', {}));
      return;
    }
    this.#fail(errorOf('LEADER_CHANGED', {}));
    const { term } = raft.basicStatus();
    this.#underWay = { number, term, settle, deadline: environment.monotonicMs() + timeoutMs };
  }

  /** Every entry that changes the configuration passes here once it is applied. */
  applied(term: number, { change, plan }: AppliedChange): void {
    const underWay = this.#underWay;
    const { origin } = this.#parts;
    if (underWay !== undefined && change?.origin === origin && change.number === underWay.number) {
      if (plan !== undefined && 'memberId' in plan) underWay.memberId = plan.memberId;
      else this.#fail(plan?.error ?? errorOf('MEMBERSHIP_BUSY', {}));
    }
    this.termApplied(term);
    this.#answer();
  }

  /** Most of the new voters know that this replica was removed. */
  ended(): void {
    if (this.#underWay?.memberId === this.#parts.id) this.#settle(this.#underWay);
  }

  /** What is applied is answered when most know of it. Who removes itself leads no more: it is told by the others. */
  #answer(): void {
    const underWay = this.#underWay;
    const { id, state } = this.#parts;
    const membership = state.membership!;
    if (underWay?.memberId === undefined || isJoint(membership.confState) || isRemoved(membership, id))
      return;
    this.#spread(
      (_id, failure) => {
        if (this.#underWay === underWay) this.#fail(failure!);
      },
      () => this.#settle(underWay),
    );
  }

  #settle(underWay: UnderWay): void {
    if (this.#underWay !== underWay) return;
    this.#underWay = undefined;
    underWay.settle(underWay.memberId, undefined);
  }

  /** An entry of `term` is applied here: a change of an earlier one that was not will never be. */
  termApplied(term: number): void {
    if (this.#underWay !== undefined && this.#underWay.term < term) this.#fail(errorOf('LEADER_CHANGED', {}));
  }

  /** A snapshot took the place of what was not applied here. */
  jumpedOver(): void {
    this.#fail(errorOf('LEADER_CHANGED', {}));
  }

  /** Judges again what waits, and gives up what is over its time. Called every 100 ms or so. */
  expire(): void {
    const { environment, timeoutMs } = this.#parts;
    for (const asked of this.#waiting.splice(0)) this.#judge(asked);
    if (this.#underWay !== undefined && this.#underWay.deadline <= environment.monotonicMs()) {
      this.#fail(errorOf('TIMEOUT', { ms: timeoutMs }));
    }
  }

  failAll(): void {
    for (const { settle } of this.#waiting.splice(0)) settle(undefined, errorOf('SHUTTING_DOWN', {}));
    this.#fail(errorOf('LEADER_CHANGED', {}));
  }

  #fail(failure: Failure): void {
    const underWay = this.#underWay;
    this.#underWay = undefined;
    underWay?.settle(undefined, failure);
  }
}
