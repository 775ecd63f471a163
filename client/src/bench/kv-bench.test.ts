import { expect, test } from '@jest/globals';
import type { Answer, Operation, SessionRequest } from '@aegis/proto/v1/session';
import { connect } from '../client.js';
import type { Stream, StreamListener, Transport } from '../stream/transport.js';
import { benchKv, type KvLoad } from './kv-bench.js';

const REFUSED = { message: 'no', retryable: false, definite: true, leaderId: 0, leaderAddress: '' };

/** Replicas that answer every frame in a turn of its own. */
class Obliging implements Transport {
  readonly seen = new Map<string, number>();
  deleted: [string, string][] = [];
  refuse = false;

  open(endpoint: string, listener: StreamListener): Stream {
    const welcome = {
      clusterId: 'test',
      memberId: 1,
      leaderId: 1,
      leaderAddress: endpoint,
      clientAddresses: [],
    };
    setImmediate(() => listener.onFrame({ welcome, answers: [], events: [] }));
    const write = ({ operations }: SessionRequest): boolean => {
      const answers = operations.map((operation) => ({ id: operation.id, result: this.answer(operation) }));
      setImmediate(() => listener.onFrame({ welcome: undefined, answers, events: [] }));
      return true;
    };
    return { write, close: () => undefined };
  }

  private answer({ request }: Operation): NonNullable<Answer['result']> {
    const kind = request!.$case;
    this.seen.set(kind, (this.seen.get(kind) ?? 0) + 1);
    if (request?.$case === 'kvDeleteRange') {
      this.deleted.push([request.value.key.toString(), request.value.rangeEnd.toString()]);
      return { $case: 'kvDeleteRange', value: { revision: 1, deleted: 1, prevKvs: [] } };
    }
    if (request?.$case === 'kvPut') return { $case: 'kvPut', value: { revision: 1, prevKv: undefined } };
    if (this.refuse) return { $case: 'error', value: { ...REFUSED, code: 62 } };
    return { $case: 'kvRange', value: { revision: 1, kvs: [], more: false, count: 0 } };
  }
}

async function bench(kind: KvLoad, transport = new Obliging()) {
  const clients = ['a:1', 'b:1'].map((endpoint) => connect({ endpoints: [endpoint], transport }));
  const load = { clients: 20, seconds: 0.05, warmupSeconds: 0, valueBytes: 16, keys: 2_500 };
  try {
    return { transport, result: await benchKv(clients, { ...load, kind, readShare: 0.5, stale: false }) };
  } finally {
    for (const client of clients) client.abandon();
  }
}

test('all keys are set before, and deleted afterwards in slices', async () => {
  const { transport, result } = await bench('get');
  expect(transport.seen.get('kvPut')).toBe(2_500);
  expect(transport.deleted.map(([from, to]) => [from.slice(-8), to.slice(-8)])).toEqual([
    ['00000000', '00001000'],
    ['00001000', '00002000'],
    ['00002000', '00003000'],
  ]);
  expect(result).toMatchObject({ bench: 'get', clients: 20, connections: 2, errors: {} });
  expect(result.operations).toBeGreaterThan(20);
  expect([result.put, result.get?.p50]).toEqual([undefined, expect.any(Number)]);
});

test('a mix has both, and every operation is counted once', async () => {
  const { transport, result } = await bench('mix');
  const done = transport.seen.get('kvPut')! - 2_500 + transport.seen.get('kvRange')!;
  expect(result.operations).toBeLessThanOrEqual(done);
  expect(result.operations).toBeGreaterThan(0);
  expect(result.put!.max).toBeGreaterThan(0);
});

test('errors are counted by code, and the keys deleted all the same', async () => {
  const transport = new Obliging();
  transport.refuse = true;
  const { result } = await bench('get', transport);
  expect(result.operations).toBe(0);
  expect(result.errors['COMPACTED']).toBeGreaterThanOrEqual(20);
  expect(transport.deleted.length).toBe(3);
});
