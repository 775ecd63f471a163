import type { Error as Failure } from '@aegis/proto/v1/error';
import {
  SessionClient,
  type Answer,
  type Call,
  type Event,
  type Operation,
  type SessionRequest,
  type SessionResponse,
  type Welcome,
} from '@aegis/proto/v1/session';
import {
  type ChannelCredentials,
  type ClientDuplexStream,
  credentials,
  type ServiceError,
} from '@grpc/grpc-js';

import { eventually, within } from './clock.js';

export type Request = NonNullable<Operation['request']>;
export type Result = NonNullable<Answer['result']>;
type CaseOf<Kind extends Result['$case']> = Extract<Result, { $case: Kind }>['value'];

const ANSWER_MS = 8_000;

/** A session stream without the client library: every operation, id and sequence is the test's own. */
export class RawSession {
  readonly events: Event[] = [];
  /** Why the stream ended, when it does; undefined: in good order. */
  readonly ended: Promise<ServiceError | undefined>;
  readonly call: ClientDuplexStream<SessionRequest, SessionResponse>;
  readonly #client: SessionClient;
  readonly #waiting = new Map<number, (result: Result) => void>();
  #welcome: Welcome | undefined;
  #lastId = 0;
  #over: Error | undefined;

  constructor(address: string, as: ChannelCredentials = credentials.createInsecure()) {
    this.#client = new SessionClient(address, as, {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_send_message_length': -1,
      'grpc.max_receive_message_length': -1,
    });
    this.call = this.#client.open();
    this.call.on('data', (frame: SessionResponse) => this.#take(frame));
    this.ended = new Promise((resolve) => {
      this.call.on('error', (error: ServiceError) => {
        this.#over = error;
        resolve(error);
      });
      this.call.on('end', () => resolve(undefined));
    });
  }

  welcome(): Promise<Welcome> {
    return eventually('a welcome', ANSWER_MS, () => this.#welcome);
  }

  /** Sends one operation and waits for its answer, which may be an error of the table. */
  ask(request: Request, call?: Call): Promise<Result> {
    const id = ++this.#lastId;
    const answer = new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, resolve);
      void this.ended.then((error) => reject(error ?? new Error('the stream ended')));
      if (this.#over !== undefined) reject(this.#over);
    });
    this.send([{ id, call, request }]);
    return within(`the answer to ${request.$case}`, ANSWER_MS, answer);
  }

  /** The answer of this kind; any other fails. */
  async result<Kind extends Result['$case']>(
    kind: Kind,
    request: Request,
    call?: Call,
  ): Promise<CaseOf<Kind>> {
    const result = await this.ask(request, call);
    if (result.$case !== kind) throw new Error(`${request.$case}: ${JSON.stringify(result)}`);
    return result.value as CaseOf<Kind>;
  }

  async failure(request: Request, call?: Call): Promise<Failure> {
    return this.result('error', request, call);
  }

  send(operations: Operation[]): void {
    this.call.write({ operations });
  }

  close(): void {
    this.call.cancel();
    this.#client.close();
  }

  #take(frame: SessionResponse): void {
    if (frame.welcome !== undefined) this.#welcome = frame.welcome;
    this.events.push(...frame.events);
    for (const { id, result } of frame.answers) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (result !== undefined) waiting?.(result);
    }
  }
}
