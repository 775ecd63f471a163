import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { KvWatchCreate, type KvWatchRequest, type KvWatchResponse } from '@aegis/proto/v1/kv';

import { kvOp } from '../../../state/kv/testing/kv-script.js';
import { Script } from '../../../state/testing/script.js';
import { KvWatchHub } from './watch-hub.js';
import { serveKvWatches } from './watch-stream.js';

/** A client that takes so many responses before it has to be read by. */
class Call extends EventEmitter {
  readonly written: KvWatchResponse[] = [];
  paused = false;
  room = 3;
  write(response: KvWatchResponse): boolean {
    this.written.push(response);
    return --this.room > 0;
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  end(): void {}
  /** What a client sends that the replica reads. */
  asks(request: KvWatchRequest['request']): boolean {
    if (this.paused) return false;
    this.emit('data', { request });
    return true;
  }
  reads(room: number): void {
    this.room = room;
    this.emit('drain');
  }
}

async function serving() {
  const { machine } = await Script.start();
  const script = Script.on(machine);
  const hub = new KvWatchHub(machine, () => {});
  const call = new Call();
  serveKvWatches(call as never, hub, machine, (done) => done(undefined));
  const create = (watchId: number): KvWatchRequest['request'] => ({
    $case: 'create',
    value: KvWatchCreate.create({ key: Buffer.from('k'), watchId }),
  });
  return { script, hub, call, create };
}

test('a client that does not read its answers is not read either, whatever it asks', async () => {
  const { call, create, hub } = await serving();
  // The same id again and again: each is refused, and each refusal is an answer.
  let asked = 0;
  while (asked < 1000 && call.asks(create(7))) asked++;
  expect(asked).toBe(3);
  expect(call.written).toHaveLength(3);
  expect(hub.size).toBe(1);
  call.reads(2);
  while (asked < 1000 && call.asks({ $case: 'progress', value: {} })) asked++;
  expect(asked).toBe(5);
  call.reads(1000);
  expect(call.asks(create(8))).toBe(true);
  expect(hub.size).toBe(2);
});

test('nor does what it watches wait for it in memory: it is read again from the history', async () => {
  const { call, create, hub, script } = await serving();
  call.asks(create(1));
  call.room = 1;
  for (let at = 0; at < 100; at++) {
    script.do(kvOp.put('k', String(at)));
    hub.dispatch(script.changes);
  }
  const before = call.written.length;
  expect(before).toBe(2);
  call.reads(1000);
  expect(call.written.slice(before).flatMap(({ events }) => events)).toHaveLength(99);
});
