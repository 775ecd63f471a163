import { EventEmitter } from 'node:events';
import { status } from '@grpc/grpc-js';
import { expect, test } from '@jest/globals';

import type { Claims } from './claims.js';
import type { Operations } from './operations.js';
import { locksService } from './services.js';
import { Handlers } from './unary.js';
import { Watches } from './watches.js';

/** A client of Locks.Watch that reads when it is told to. */
class Call extends EventEmitter {
  readonly request = { name: 'l' };
  readonly cancelled = false;
  written = 0;
  failed: { readonly code?: number; readonly message: string } | undefined;
  reads = false;
  constructor() {
    super();
    this.on('error', (error: Error) => (this.failed = error));
  }
  write(): boolean {
    this.written++;
    return this.reads;
  }
}

test('a watch outside of a session whose client does not read ends after 1,000 events, and costs nothing then', () => {
  const state = { appliedIndex: 1, lock: () => ({}) };
  const watches = new Watches(state as never);
  const operations = { gate: { judge: () => undefined } } as unknown as Operations;
  const handlers = new Handlers(operations, {} as Claims, false);
  const call = new Call();
  locksService(handlers, watches, (done) => done(undefined)).watch(call as never);
  const happens = (count: number): void => {
    for (let at = 0; at < count; at++)
      watches.dispatch({
        type: 'granted',
        kind: 'lock',
        name: 'l',
        lease: '1',
        claim: 1,
        token: at,
        index: at,
        value: undefined,
      });
  };
  // Who reads now and then goes on for ever.
  for (let round = 0; round < 3; round++) {
    happens(900);
    call.emit('drain');
  }
  expect(call.failed).toBeUndefined();
  expect(watches.size).toBe(1);
  happens(1001);
  expect(call.failed).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  expect(call.failed!.message).toContain('unread events of this watch is at its limit of 1000');
  expect(watches.size).toBe(0);
  const { written } = call;
  happens(10);
  expect(call.written).toBe(written);
});
