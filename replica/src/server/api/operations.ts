import type { Command, Result } from '@aegis/proto/replica/command';
import { AcquireOutcome } from '@aegis/proto/v1/lock';
import type { Answer, Call } from '@aegis/proto/v1/session';

import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';
import type { StateMachine } from '../../state/index.js';
import type { Driver } from '../driver/driver.js';
import type { ClaimKey } from './claims.js';
import { LIMITS, type Request } from './limits.js';
import type { ProfileGate } from './profile-gate.js';

export type AnswerResult = NonNullable<Answer['result']>;
export type Settle = (answer: AnswerResult) => void;

/** Gives a failure the leader that should be asked instead, where one is known. */
export type Hint = (failed: Failure) => Failure;

/** The one way of every operation, whichever service it came by: judge, propose or read, answer. */
export class Operations {
  readonly #driver: Driver;
  readonly #state: StateMachine;
  readonly #hint: Hint;
  readonly gate: ProfileGate;
  #asked = 0;

  constructor(driver: Driver, state: StateMachine, gate: ProfileGate, hint: Hint) {
    this.gate = gate;
    this.#driver = driver;
    this.#state = state;
    this.#hint = hint;
  }

  /** How many were asked for since the process began. */
  get asked(): number {
    return this.#asked;
  }

  execute(request: Request | undefined, call: Call | undefined, settle: Settle): void {
    this.#asked++;
    const wrong = this.gate.judge(request);
    if (request === undefined || wrong !== undefined) {
      settle({ $case: 'error', value: wrong! });
      return;
    }
    switch (request.$case) {
      case 'leaseGrant':
      case 'leaseKeepAlive':
      case 'leaseRevoke':
      case 'lockAcquire':
      case 'lockRelease':
      case 'campaign':
      case 'proclaim':
      case 'resign':
      case 'kvPut':
      case 'kvDeleteRange':
      case 'kvTxn':
      case 'kvCompact':
        this.#submit({ call, op: request }, settle);
        return;
      case 'leaseTimeToLive':
        this.#read(request.value.stale, settle, () => {
          const value = this.#state.lease(request.value.lease);
          return value === undefined
            ? { $case: 'error', value: errorOf('LEASE_NOT_FOUND', { lease: request.value.lease }) }
            : { $case: 'leaseTimeToLive', value };
        });
        return;
      case 'leaseList':
        this.#read(request.value.stale, settle, () => ({
          $case: 'leaseList',
          value: this.#state.listLeases(request.value.after, page(request.value.limit)),
        }));
        return;
      case 'lockDescribe':
        this.#read(request.value.stale, settle, () => ({
          $case: 'lockDescribe',
          value: { lock: this.#state.lock(request.value.name) },
        }));
        return;
      case 'lockList':
        this.#read(request.value.stale, settle, () => ({
          $case: 'lockList',
          value: this.#state.listLocks(request.value.prefix, request.value.after, page(request.value.limit)),
        }));
        return;
      case 'leader':
        this.#read(request.value.stale, settle, () => ({
          $case: 'leader',
          value: this.#state.leader(request.value.election),
        }));
        return;
      case 'kvRange':
        this.#read(request.value.stale, settle, () => {
          const value = this.#state.kvRange(request.value);
          return 'error' in value ? { $case: 'error', value: value.error } : { $case: 'kvRange', value };
        });
        return;
      case 'ping':
        settle({ $case: 'ping', value: {} });
        return;
      default:
        settle({
          $case: 'error',
          value: errorOf('INVALID_ARGUMENT', {
            field: 'request',
            value: request.$case,
            expected: 'sent on a Session stream or by its streaming call',
          }),
        });
    }
  }

  /** Runs `answer` on a state that is as new as the caller may ask for. */
  #read(stale: boolean, settle: Settle, answer: () => AnswerResult): void {
    if (stale) {
      settle(answer());
      return;
    }
    this.#driver.read((failed) => {
      settle(failed === undefined ? answer() : { $case: 'error', value: this.#hint(failed) });
    });
  }

  #submit(command: Command, settle: Settle): void {
    this.#driver.submit(command, (result, failed) => {
      settle(failed === undefined ? answerOf(result!) : { $case: 'error', value: this.#hint(failed) });
    });
  }
}

function page(limit: number): number {
  return limit === 0 ? LIMITS.listPage : Math.min(limit, LIMITS.listPage);
}

/** Results and answers carry the same cases, but for those of the leader's own housekeeping. */
function answerOf(result: Result): AnswerResult {
  const known = result.result;
  if (known === undefined || known.$case === 'done' || known.$case === 'expired') {
    throw new Error(`a client's command cannot come to ${known?.$case ?? 'nothing'}`);
  }
  return known;
}

/** The claim that an answer leaves in a queue, if it does. */
export function queuedClaim(request: Request | undefined, answer: AnswerResult): ClaimKey | undefined {
  if (answer.$case !== 'lockAcquire' && answer.$case !== 'campaign') return undefined;
  if (answer.value.outcome !== AcquireOutcome.QUEUED) return undefined;
  if (request?.$case === 'lockAcquire') {
    return { kind: 'lock', name: request.value.name, lease: request.value.lease, claim: request.value.claim };
  }
  if (request?.$case === 'campaign') {
    return {
      kind: 'election',
      name: request.value.election,
      lease: request.value.lease,
      claim: request.value.claim,
    };
  }
  return undefined;
}
