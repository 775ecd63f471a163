import type { Connection } from './connection.js';
import { Operation, type Request, type Result, type Retry } from './operation.js';

/** A single call without a session. Rejects with the AegisError that it failed with. */
export function ask(
  connection: Connection,
  request: Request,
  retry: Retry,
  timeoutMs: number,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const deadlineMs = connection.clock.now().monotonicMs + timeoutMs;
    const caller = { onResult: resolve, onFailure: reject };
    connection.submit(new Operation(request, retry, caller, undefined, deadlineMs));
  });
}

type Values = { [R in Result as R['$case']]: R['value'] };

/** The result of the kind that the request asked for; anything else is a fault of the replica. */
export function resultOf<C extends Result['$case']>(result: Result, kind: C): Values[C] {
  if (result.$case !== kind) throw new TypeError(`${kind} was answered with ${result.$case}`);
  return result.value as Values[C];
}
