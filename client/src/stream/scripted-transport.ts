import type { Answer, Event, Operation, SessionRequest, Welcome } from '@aegis/proto/v1/session';
import { UnavailableError } from '../errors/index.js';
import type { Stream, StreamListener, Transport } from './transport.js';

/** For tests: replicas that say exactly what the test has them say. */
export class ScriptedTransport implements Transport {
  readonly streams: ScriptedStream[] = [];

  open(endpoint: string, listener: StreamListener): Stream {
    const stream = new ScriptedStream(endpoint, listener);
    this.streams.push(stream);
    return stream;
  }

  /** The stream that was opened last. */
  get newest(): ScriptedStream {
    return this.streams.at(-1)!;
  }
}

export class ScriptedStream implements Stream {
  readonly frames: SessionRequest[] = [];
  /** What `write` answers. */
  room = true;
  closed = false;

  constructor(
    readonly endpoint: string,
    private readonly listener: StreamListener,
  ) {}

  write(frame: SessionRequest): boolean {
    this.frames.push(frame);
    return this.room;
  }

  close(): void {
    this.closed = true;
  }

  /** All operations that have arrived. */
  get operations(): Operation[] {
    return this.frames.flatMap(({ operations }) => operations);
  }

  /** The newest operation of a kind. */
  last<C extends NonNullable<Operation['request']>['$case']>(
    kind: C,
  ): Operation & { request: Extract<NonNullable<Operation['request']>, { $case: C }> } {
    const found = this.operations.findLast(({ request }) => request?.$case === kind);
    if (found === undefined) throw new Error(`no ${kind} has arrived at ${this.endpoint}`);
    return found as ReturnType<typeof this.last<C>>;
  }

  count(kind: NonNullable<Operation['request']>['$case']): number {
    return this.operations.filter(({ request }) => request?.$case === kind).length;
  }

  /** By default it leads. */
  welcome(welcome: Partial<Welcome> = {}): void {
    const whole: Welcome = {
      clusterId: 'test',
      memberId: 1,
      leaderId: 1,
      leaderAddress: this.endpoint,
      clientAddresses: [],
      ...welcome,
    };
    this.listener.onFrame({ welcome: whole, answers: [], events: [] });
  }

  answer(id: number, result: NonNullable<Answer['result']>): void {
    this.listener.onFrame({ welcome: undefined, answers: [{ id, result }], events: [] });
  }

  /** Answers the newest operation of the kind that the result belongs to. */
  grant(lease: string, ttlMs: number): void {
    this.answer(this.last('leaseGrant').id, { $case: 'leaseGrant', value: { lease, ttlMs, grantIndex: 7 } });
  }

  refuse(id: number, code: number, facts: { retryable: boolean; definite: boolean }): void {
    const value = { code: code as never, message: `code ${code}`, leaderId: 0, leaderAddress: '', ...facts };
    this.answer(id, { $case: 'error', value });
  }

  settle(operation: number, outcome: 1 | 3, token: number): void {
    this.event({ $case: 'claimSettled', value: { operation, outcome, token, error: undefined } });
  }

  /** It knows no such claim (any more). */
  unsettle(operation: number): void {
    const error = {
      code: 31,
      message: 'gone',
      retryable: false,
      definite: true,
      leaderId: 0,
      leaderAddress: '',
    } as const;
    this.event({ $case: 'claimSettled', value: { operation, outcome: 0, token: 0, error } });
  }

  event(event: NonNullable<Event['event']>): void {
    this.listener.onFrame({ welcome: undefined, answers: [], events: [{ event }] });
  }

  drain(): void {
    this.room = true;
    this.listener.onDrain();
  }

  /** It breaks, as when the replica is killed. */
  break(): void {
    const message = `${this.endpoint}: connection reset`;
    this.listener.onEnd(new UnavailableError('UNAVAILABLE', message, { retryable: true, definite: false }));
  }
}
