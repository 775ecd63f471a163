import type {
  handleServerStreamingCall,
  handleUnaryCall,
  ServerUnaryCall,
  ServerWritableStream,
} from '@grpc/grpc-js';
import type { LockAcquireResponse } from '@aegis/proto/v1/lock';

import type { Error as Failure } from '@aegis/proto/v1/error';

import type { Claims } from './claims.js';
import type { Request } from './limits.js';
import { type AnswerResult, type Operations, queuedClaim } from './operations.js';
import { refuseRole, type Role } from './roles.js';
import { endCall, statusError } from './status.js';

/** Turns operations into unary and streaming handlers, with the caller's role checked first. */
export class Handlers {
  readonly operations: Operations;
  readonly claims: Claims;
  readonly #tls: boolean;

  constructor(operations: Operations, claims: Claims, tls: boolean) {
    this.operations = operations;
    this.claims = claims;
    this.#tls = tls;
  }

  /** A call that is one operation. */
  unary<Q, A>(
    request: (message: Q) => Request,
    answer: (result: AnswerResult) => A | undefined,
  ): handleUnaryCall<Q, A> {
    return this.guarded('client', (call, reply) => {
      this.operations.execute(request(call.request), undefined, (result) => finish(result, answer, reply));
    });
  }

  /** A call that answers only when its claim is settled. A caller that goes away withdraws it. */
  acquiring<Q>(request: (message: Q) => Request): handleUnaryCall<Q, LockAcquireResponse> {
    return this.guarded('client', (call, reply) => {
      const asked = request(call.request);
      this.operations.execute(asked, undefined, (result) => {
        const queued = queuedClaim(asked, result);
        if (queued === undefined) {
          finish(result, claimed, reply);
          return;
        }
        let done = false;
        const cancel = this.claims.wait(queued, (settled) => {
          done = true;
          if (settled.error !== undefined) reply({ $failed: settled.error });
          else reply({ outcome: settled.outcome, token: settled.token, position: 0 });
        });
        if (done) return;
        const withdraw = (): void => {
          if (done) return;
          done = true;
          cancel();
          const { kind, name, lease, claim } = queued;
          const release: Request =
            kind === 'lock'
              ? { $case: 'lockRelease', value: { name, lease, claim } }
              : { $case: 'resign', value: { election: name, lease, claim } };
          this.operations.execute(release, undefined, () => {});
        };
        if (call.cancelled) withdraw();
        else call.once('cancelled', withdraw);
      });
    });
  }

  guarded<Q, A>(
    role: Role,
    serve: (call: ServerUnaryCall<Q, A>, reply: (answer: A | { $failed: Failure }) => void) => void,
  ): handleUnaryCall<Q, A> {
    return (call, callback) => {
      const refused = refuseRole(call, role, this.#tls);
      if (refused !== undefined) {
        callback(statusError(refused));
        return;
      }
      serve(call, (answer) => {
        if (isFailed(answer)) callback(statusError(answer.$failed));
        else callback(null, answer);
      });
    };
  }

  streaming<Q, A>(
    role: Role,
    serve: (call: ServerWritableStream<Q, A>) => void,
  ): handleServerStreamingCall<Q, A> {
    return (call) => {
      const refused = refuseRole(call, role, this.#tls);
      if (refused !== undefined) endCall(call, statusError(refused));
      else serve(call);
    };
  }

  get tls(): boolean {
    return this.#tls;
  }
}

function finish<A>(
  result: AnswerResult,
  answer: (result: AnswerResult) => A | undefined,
  reply: (answer: A | { $failed: Failure }) => void,
): void {
  if (result.$case === 'error') {
    reply({ $failed: result.value });
    return;
  }
  const value = answer(result);
  if (value === undefined) throw new Error(`an answer of the wrong kind: ${result.$case}`);
  reply(value);
}

export function claimed(result: AnswerResult): LockAcquireResponse | undefined {
  return result.$case === 'lockAcquire' || result.$case === 'campaign' ? result.value : undefined;
}

function isFailed(answer: unknown): answer is { $failed: Failure } {
  return typeof answer === 'object' && answer !== null && '$failed' in answer;
}
