import { credentials } from '@grpc/grpc-js';
import {
  KVClient,
  type KvRangeRequest,
  type KvRangeResponse,
  type KvPutResponse,
  type KvWatchResponse,
} from '@aegis/proto/v1/kv';
import { beforeAll, expect } from '@jest/globals';

import { eventually } from './harness/clock.js';
import type { Cluster } from './harness/cluster.js';
import { TestBed } from './harness/test-bed.js';

const bed = new TestBed();
let cluster: Cluster;
const clients: KVClient[] = [];
beforeAll(async () => {
  cluster = await bed.cluster({ replicas: 3 });
  await cluster.start();
  for (const endpoint of cluster.endpoints)
    clients.push(new KVClient(endpoint, credentials.createInsecure()));
}, 60_000);

function put(client: KVClient, key: string, value: string): Promise<KvPutResponse> {
  const request = {
    key: Buffer.from(key),
    value: Buffer.from(value),
    lease: '0',
    prevKv: false,
    ignoreValue: false,
    ignoreLease: false,
  };
  return new Promise((resolve, reject) => {
    client.put(request, (error, answer) => (error === null ? resolve(answer) : reject(error)));
  });
}

function range(client: KVClient, key: string, more: Partial<KvRangeRequest> = {}): Promise<KvRangeResponse> {
  const request: KvRangeRequest = {
    key: Buffer.from(key),
    rangeEnd: Buffer.alloc(0),
    limit: 0,
    revision: 0,
    sortOrder: 0,
    sortTarget: 0,
    stale: false,
    keysOnly: false,
    countOnly: false,
    minModRevision: 0,
    maxModRevision: 0,
    minCreateRevision: 0,
    maxCreateRevision: 0,
    ...more,
  };
  return new Promise((resolve, reject) => {
    client.range(request, (error, answer) => (error === null ? resolve(answer) : reject(error)));
  });
}

function valuesOf({ kvs }: KvRangeResponse): string[] {
  return kvs.map(({ key, value }) => `${key.toString()}=${value.toString()}`);
}

bed.scenario(
  'what one replica took, another reads and watches, and a restart of all keeps it',
  60_000,
  async () => {
    const [first, second, third] = clients as [KVClient, KVClient, KVClient];
    const responses: KvWatchResponse[] = [];
    const watch = third.watch();
    watch.on('data', (response: KvWatchResponse) => responses.push(response));
    watch.on('error', () => {});
    const all = { key: Buffer.from('\0'), rangeEnd: Buffer.from('\0') };
    watch.write({
      request: {
        $case: 'create',
        value: { ...all, startRevision: 1, progressNotify: false, filters: [], prevKv: true, watchId: 5 },
      },
    });
    expect(await put(first, 'a', '1')).toMatchObject({ revision: 2 });
    expect(await put(second, 'b', '2')).toMatchObject({ revision: 3 });
    expect(await put(first, 'a', '3')).toMatchObject({ revision: 4 });
    const whole = { rangeEnd: Buffer.from('\0') };
    expect(valuesOf(await range(third, '\0', whole))).toEqual(['a=3', 'b=2']);
    expect(valuesOf(await range(third, '\0', { ...whole, revision: 3 }))).toEqual(['a=1', 'b=2']);
    await expect(range(third, '\0', { revision: 9 })).rejects.toThrow('Revision 9 is yet to come');
    await expect(range(first, '')).rejects.toThrow('key is empty');
    const events = await eventually('all events', 5_000, () => {
      const seen = responses.flatMap((response) => response.events);
      return seen.length >= 3 ? seen : undefined;
    });
    expect(responses[0]).toMatchObject({ created: true, watchId: 5 });
    expect(events.map(({ kv, prevKv }) => [kv!.modRevision, prevKv?.value.toString()])).toEqual([
      [2, undefined],
      [3, undefined],
      [4, '1'],
    ]);
    watch.cancel();
    for (const replica of cluster.replicas) await replica.kill();
    await cluster.start();
    expect(valuesOf(await range(second, '\0', whole))).toEqual(['a=3', 'b=2']);
    expect(await put(second, 'c', '4')).toMatchObject({ revision: 5 });
    for (const client of clients) client.close();
  },
);
