import { EventEmitter } from 'node:events';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { Command } from '@aegis/proto/replica/command';
import { Operation, SessionRequest, SessionResponse } from '@aegis/proto/v1/session';

import type { Driver } from '../../server/driver/driver.js';
import { Operations } from '../../server/api/operations.js';
import { ProfileGate } from '../../server/api/profile-gate.js';
import { SessionHost } from '../../server/api/session-host.js';
import type { StateMachine } from '../../state/index.js';
import { same, type Target } from '../target.js';
import { applyCommands, stateWithContents } from './fresh-state.js';
import { CHANGES, READS, WATCHES } from './requests.js';

/** Of one state; then it begins anew, so that what inputs leave behind stays small. */
const INPUTS_OF_A_STATE = 2000;
const FRAME_BYTES_MAX = 4 * 1024 * 1024;

type Stream = ServerDuplexStream<SessionRequest, SessionResponse>;

/** A stream as the gRPC library hands it over, without the library. */
class FakeStream extends EventEmitter {
  ended = false;
  readonly written: SessionResponse[] = [];
  write(frame: SessionResponse): boolean {
    this.written.push(frame);
    return true;
  }
  pause(): void {}
  resume(): void {}
  end(): void {
    this.ended = true;
  }
  destroy(): void {
    this.ended = true;
  }
}

/** What serves sessions, on a state that applies at once whatever is proposed. */
class Host {
  inputs = 0;
  readonly #sessions: SessionHost;
  readonly #later: (() => void)[] = [];

  constructor(state: StateMachine) {
    const driver = {
      lead: 1,
      submit: (command: Command, settle: (result: unknown) => void) => {
        // The log carries bytes: what a client sent must survive them.
        const bytes = Command.encode(command).finish();
        const applied = applyCommands(state, [Command.decode(bytes)]);
        this.#sessions.applied(applied);
        settle(applied.results[0]);
      },
      read: (done: (failed: undefined) => void) => done(undefined),
      schedule: () => {},
    };
    const gate = new ProfileGate('all');
    const operations = new Operations(driver as unknown as Driver, state, gate, (failed) => failed);
    this.#sessions = new SessionHost({
      memberId: 1,
      driver: driver as unknown as Driver,
      state,
      operations,
      later: (task) => void this.#later.push(task),
    });
  }

  /** Whether the frame was answered. */
  serve(frame: SessionRequest): boolean {
    const stream = new FakeStream();
    this.#sessions.open(stream as unknown as Stream);
    stream.emit('data', frame);
    for (let turn = 0; turn < 50; turn++) {
      this.#sessions.turnEnded();
      for (const task of this.#later.splice(0)) task();
    }
    for (const response of stream.written) SessionResponse.encode(response).finish();
    stream.emit('end');
    this.inputs++;
    return !stream.ended || stream.written.some(({ answers }) => answers.length > 0);
  }
}

let host: Host | undefined;

/** Frames of a session stream, from the bytes to the answers: decode, judge, propose, apply, answer, encode. */
export const sessionFrames: Target = {
  name: 'session-frames',
  shape: 'protobuf',
  seeds: () => {
    const call = { lease: '1', grantIndex: 1, sequence: 1, lowestUnanswered: 1 };
    const all = [...CHANGES, ...READS, ...WATCHES];
    const operations = all.map((request, at) => ({
      id: at + 1,
      ...request,
      ...(at % 3 === 0 ? { call } : {}),
    }));
    const frames = [...operations.map((operation) => [operation]), operations];
    return frames.map((frame) =>
      SessionRequest.encode(SessionRequest.fromJSON({ operations: frame })).finish(),
    );
  },
  run: async (bytes) => {
    if (bytes.length > FRAME_BYTES_MAX) return false;
    const frame = decoded(() => SessionRequest.decode(bytes));
    if (frame === undefined) return false;
    const once = SessionRequest.encode(frame).finish();
    same(once, SessionRequest.encode(SessionRequest.decode(once)).finish(), 'a session frame');
    if (host === undefined || host.inputs >= INPUTS_OF_A_STATE) host = new Host(await stateWithContents());
    try {
      return host.serve(frame);
    } catch (error) {
      host = undefined;
      throw error;
    }
  },
};

/** Requests of unary calls are operations without a frame: the same way, one at a time, without a call. */
export const unaryRequests: Target = {
  name: 'unary-requests',
  shape: 'protobuf',
  seeds: () =>
    [...CHANGES, ...READS].map((request) => Operation.encode(Operation.fromJSON(request)).finish()),
  run: async (bytes) => {
    const operation = decoded(() => Operation.decode(bytes));
    if (operation === undefined) return false;
    if (host === undefined || host.inputs >= INPUTS_OF_A_STATE) host = new Host(await stateWithContents());
    try {
      return host.serve({ operations: [{ ...operation, call: undefined }] });
    } catch (error) {
      host = undefined;
      throw error;
    }
  },
};

/** What the gRPC library turns into an INTERNAL status before we see it: any error of the decoder. */
function decoded<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof Error && !(error instanceof TypeError)) return undefined;
    throw error;
  }
}
