import { EventEmitter } from 'node:events';
import { status } from '@grpc/grpc-js';
import { beforeEach, expect, test } from '@jest/globals';
import type { SessionResponse } from '@aegis/proto/v1/session';
import type { Answer } from '@aegis/proto/v1/session';

import type { Driver } from '../driver/driver.js';
import { Script } from '../../state/testing/script.js';
import type { Operations, Settle } from './operations.js';
import { SessionHost } from './session-host.js';
import { refuseWatch, REPLICA_WATCHES_MAX } from './watch-limit.js';
import { Watches } from './watches.js';

const MEBIBYTE = 1024 * 1024;

/** A client that sends and does not read. */
class Call extends EventEmitter {
  readonly written: SessionResponse[] = [];
  paused = false;
  failed: { readonly code?: number; readonly message: string } | undefined;
  constructor(readonly takes = 0) {
    super();
    this.on('error', (error: Error) => (this.failed = error));
  }
  write(frame: SessionResponse): boolean {
    this.written.push(frame);
    return this.written.length <= this.takes;
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  end(): void {}
}

let host: SessionHost;
let answers: Settle[];
beforeEach(async () => {
  const { machine } = await Script.start();
  answers = [];
  const operations = {
    gate: { judge: () => undefined },
    execute: (_request: unknown, _call: unknown, settle: Settle) => answers.push(settle),
  } as unknown as Operations;
  const driver = {
    lead: 1,
    read: (done: (failed: undefined) => void) => done(undefined),
    schedule: () => {},
  };
  host = new SessionHost({
    memberId: 1,
    driver: driver as unknown as Driver,
    state: machine,
    operations,
    later: () => {},
  });
});

function opened(): Call {
  const call = new Call();
  host.open(call as never);
  host.turnEnded();
  return call;
}

/** Has a client ask until it is not read any more; what it holds then, about. */
function fill(call: Call, bytes: number): number {
  const value = Buffer.alloc(bytes);
  const found = { key: Buffer.from('k'), value, createRevision: 1, modRevision: 1, version: 1, lease: '0' };
  const result: NonNullable<Answer['result']> = {
    $case: 'kvRange',
    value: { revision: 1, kvs: [found], more: false, count: 1 },
  };
  let held = 0;
  for (let id = 1; !call.paused && call.failed === undefined && held < 200 * MEBIBYTE; id++) {
    const request = {
      $case: 'kvDeleteRange',
      value: { key: Buffer.from('k'), rangeEnd: Buffer.alloc(0), prevKv: false },
    };
    call.emit('data', { operations: [{ id, request, call: undefined }] });
    for (const settle of answers.splice(0)) settle(result);
    host.turnEnded();
    held += bytes;
  }
  return held;
}

test('a client that does not read holds a few MiB, and is not read then', () => {
  const call = opened();
  expect(fill(call, 100_000)).toBeLessThan(12 * MEBIBYTE);
  expect(call.paused).toBe(true);
});

test('many such clients hold less each, so that they stay within a bound together', () => {
  const calls = Array.from({ length: 200 }, opened);
  for (const call of calls) fill(call, 20_000);
  // 200 times 8 MiB would be 1,600.
  expect(host.unsentBytes).toBeGreaterThan(256 * MEBIBYTE);
  expect(host.unsentBytes).toBeLessThan(300 * MEBIBYTE);
  expect(calls.filter(({ failed }) => failed !== undefined)).toEqual([]);
  expect(fill(opened(), 20_000)).toBeLessThan(MEBIBYTE / 8);
});

test('what was for clients that are gone is not counted any more', () => {
  const calls = Array.from({ length: 60 }, opened);
  for (const call of calls) fill(call, 100_000);
  for (const call of calls) call.emit('cancelled');
  expect(host.streams).toBe(0);
  expect(host.unsentBytes).toBe(0);
  expect(fill(opened(), 100_000)).toBeGreaterThan(4 * MEBIBYTE);
});

test('streams are bounded: one more is refused, and one that ends makes room', () => {
  const first = opened();
  for (let count = 1; count < 10_000; count++) host.open(new Call(1) as never);
  const refused = opened();
  expect(refused.failed).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  expect(refused.failed!.message).toContain('session streams of this replica is at its limit of 10000');
  first.emit('cancelled');
  expect(opened().failed).toBeUndefined();
});

test('watches of a replica are bounded, and counted as they come and go', () => {
  expect(refuseWatch(REPLICA_WATCHES_MAX - 1)).toBeUndefined();
  expect(refuseWatch(REPLICA_WATCHES_MAX)?.message).toContain(
    'watches of this replica is at its limit of 250000',
  );
  const watches = new Watches({ appliedIndex: 1, lock: () => ({}), leader: () => ({}) } as never);
  const stop = [
    watches.watchLock('a', () => {}),
    watches.watchLock('a', () => {}),
    watches.observe('e', () => {}),
  ];
  expect(watches.size).toBe(3);
  for (const end of [...stop, ...stop]) end();
  expect(watches.size).toBe(0);
});
