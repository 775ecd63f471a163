import { ManualClock } from '../clock/manual-clock.js';
import type { AegisError } from '../errors/index.js';
import { SequenceWindow } from '../session/sequence-window.js';
import { ScriptedTransport } from '../stream/scripted-transport.js';
import { Connection } from './connection.js';
import { Endpoints } from './endpoints.js';
import { Operation, type Request, type Result, type Retry } from './operation.js';

/** For tests: what a caller was told. */
export class Told {
  results: Result[] = [];
  failures: AegisError[] = [];
  late: Result[] = [];
  onResult = (result: Result): void => void this.results.push(result);
  onFailure = (error: AegisError): void => void this.failures.push(error);
  onLateResult = (result: Result): void => void this.late.push(result);
}

/** For tests: a connection to replicas that a script plays, on a clock that stands still. */
export function begin(endpoints = ['a:1', 'b:1', 'c:1']) {
  const clock = new ManualClock();
  const transport = new ScriptedTransport();
  const connection = new Connection({
    endpoints: new Endpoints(endpoints, 0),
    transport,
    clock,
    timers: clock,
    random: () => 0.5,
  });
  const window = new SequenceWindow('5', 3);
  const submit = (retry: Retry, sequenced = false, request: Request = { $case: 'ping', value: {} }) => {
    const told = new Told();
    const deadlineMs = clock.now().monotonicMs + 10_000;
    const operation = new Operation(request, retry, told, sequenced ? window : undefined, deadlineMs);
    connection.submit(operation);
    return { told, operation };
  };
  return { clock, transport, connection, window, submit };
}

export const PONG: Result = { $case: 'ping', value: {} };
