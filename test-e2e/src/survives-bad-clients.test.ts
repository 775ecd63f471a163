import { ErrorCode } from '@aegis/proto/v1/error';
import { LockMode } from '@aegis/proto/v1/lock';
import type { Operation } from '@aegis/proto/v1/session';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeAll, expect } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { nowMs, within } from './harness/clock.js';
import type { Cluster, Leader } from './harness/cluster.js';
import { FirstWrite } from './harness/first-write.js';
import { parseMetrics, total } from './harness/metrics-page.js';
import { RawHttp2Call } from './harness/raw-http2.js';
import { RawSession } from './harness/raw-session.js';
import type { Replica } from './harness/replica.js';
import { acquire, grant, openLease } from './harness/requests.js';
import { TestBed } from './harness/test-bed.js';

const MIB = 1024 * 1024;
/** What one client may cost a replica, with garbage that is not collected yet. */
const GROWTH_BYTES_MAX = 300 * MIB;

const bed = new TestBed();
let cluster: Cluster;
let leader: Leader;
let others: FirstWrite;
beforeAll(async () => {
  cluster = await bed.cluster({ replicas: 3 });
  await cluster.start();
  leader = await cluster.settled();
  others = await FirstWrite.over([cluster.connect()]);
}, 60_000);

/** Whatever a client did: the same leader in the same term, every replica in its first life, others served. */
afterEach(async () => {
  expect(await others.since(nowMs())).toBeLessThan(3_000);
  const now = await cluster.settled();
  expect({ id: now.replica.id, term: now.term }).toEqual({ id: leader.replica.id, term: leader.term });
  for (const replica of cluster.replicas) expect(replica.process.name).toMatch(/life 1$/);
}, 30_000);

function open(replica: Replica = leader.replica): RawSession {
  const session = new RawSession(replica.member.clientAddress);
  bed.atEnd(() => session.close());
  return session;
}

async function memoryOf(replica: Replica): Promise<number> {
  const page = parseMetrics(await (await replica.get('/metrics')).text());
  return total(page, 'aegis_process_resident_memory_bytes')!;
}

bed.scenario(
  'requests that are out of bounds are refused one by one, and the stream goes on',
  30_000,
  async () => {
    const session = open();
    const { lease } = await openLease(session, 60_000);
    const name = 'n'.repeat(1_025);
    const invalid = ErrorCode.INVALID_ARGUMENT;
    const cases: [what: string, request: Parameters<RawSession['failure']>[0], code: number, says: RegExp][] =
      [
        ['a name of 1,025 bytes', acquire(name, lease), ErrorCode.TOO_LARGE, /name.*1025 bytes.*1024/],
        [
          'a name of 1,026 bytes in 342 characters',
          acquire('語'.repeat(342), lease),
          ErrorCode.TOO_LARGE,
          /1026 bytes/,
        ],
        ['no name', acquire('', lease), invalid, /name/],
        ['no lease', acquire('a', '0'), invalid, /lease/],
        ['a TTL of 0', grant(0), ErrorCode.INVALID_TTL, /TTL of 0 ms.*2000/],
        ['a TTL below the least', grant(1), ErrorCode.INVALID_TTL, /TTL of 1 ms.*2000/],
        ['a TTL of 285,000 years', grant(Number.MAX_SAFE_INTEGER), ErrorCode.INVALID_TTL, /9007199254740991/],
        ['a wait of -2', acquire('a', lease, { waitMs: -2 }), invalid, /wait_ms.*-2/],
        [
          'a wait without end in sight',
          acquire('a', lease, { waitMs: Number.MAX_SAFE_INTEGER }),
          invalid,
          /wait_ms/,
        ],
        [
          'a negative count of permits',
          acquire('a', lease, { mode: LockMode.SEMAPHORE }),
          invalid,
          /permits/,
        ],
        ['permits of a mutex', acquire('a', lease, { permits: 3 }), invalid, /permits/],
        [
          'a lock-delay of an hour',
          acquire('a', lease, { lockDelayMs: 3_600_000 }),
          invalid,
          /lock_delay_ms/,
        ],
        [
          'an election value of 65 KiB',
          {
            $case: 'campaign',
            value: { election: 'e', lease, claim: 1, value: Buffer.alloc(65 * 1024), waitMs: 0 },
          },
          ErrorCode.TOO_LARGE,
          /value/,
        ],
        [
          '10,001 leases kept alive at once',
          { $case: 'leaseKeepAlive', value: { leases: Array.from({ length: 10_001 }, () => lease) } },
          ErrorCode.TOO_LARGE,
          /leases.*10001/,
        ],
      ];
    for (const [what, request, code, says] of cases) {
      const failure = await session.failure(request);
      expect({ what, code: failure.code, definite: failure.definite, retryable: failure.retryable }).toEqual({
        what,
        code,
        definite: true,
        retryable: false,
      });
      expect(failure.message).toMatch(says);
    }
    expect((await session.result('lockAcquire', acquire('n'.repeat(1_024), lease))).token).toBeGreaterThan(0);
  },
);

bed.scenario('frames that are too large end their stream, saying what is allowed', 30_000, async () => {
  const many = open();
  await many.welcome();
  many.send(
    Array.from({ length: 10_001 }, (_, id): Operation => ({
      id,
      call: undefined,
      request: { $case: 'ping', value: {} },
    })),
  );
  const tooMany = await within('the end', 5_000, many.ended);
  expect(tooMany?.details).toMatch(/10001 operations.*10000/);

  const large = open();
  await large.welcome();
  const name = 'x'.repeat(5 * MIB);
  large.send([{ id: 1, call: undefined, request: { $case: 'lockDescribe', value: { name, stale: true } } }]);
  const tooLarge = await within('the end', 5_000, large.ended);
  expect(tooLarge?.code).toBe(status.RESOURCE_EXHAUSTED);
  expect(tooLarge?.details).toMatch(/larger than max/);
});

bed.scenario('garbage in place of HTTP/2, and in place of messages', 30_000, async () => {
  for (const bytes of [
    randomBytes(64 * 1024),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0'),
  ]) {
    const [host, port] = leader.replica.member.clientAddress.split(':');
    const socket = connectTcp({ host: host!, port: Number(port) });
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'connect');
    socket.write(bytes);
    await sleep(100);
    socket.destroy();
  }
  const { clientAddress } = leader.replica.member;
  const garbled = new RawHttp2Call(clientAddress, '/aegis.v1.Session/Open');
  garbled.writeFrame(64, Buffer.alloc(64, 0xff));
  const ended = await garbled.status();
  expect(ended.code).not.toBe(status.OK);
  expect(ended.message).not.toBe('');
  garbled.close();
  // A TTL that JavaScript cannot hold.
  const beyond = new RawHttp2Call(clientAddress, '/aegis.v1.Leases/Grant');
  beyond.writeFrame(11, Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]));
  expect((await beyond.status()).code).not.toBe(status.OK);
  beyond.close();
});

bed.scenario('half a frame, and then nothing', 30_000, async () => {
  const halves = Array.from({ length: 50 }, () => {
    const call = new RawHttp2Call(leader.replica.member.clientAddress, '/aegis.v1.Session/Open');
    call.writeFrame(1_000, Buffer.alloc(10));
    return call;
  });
  await sleep(500);
  expect(await others.since(nowMs())).toBeLessThan(3_000);
  for (const call of halves) call.close();
  const boast = new RawHttp2Call(leader.replica.member.clientAddress, '/aegis.v1.Session/Open');
  boast.writeFrame(0x7f_ff_ff_ff, Buffer.alloc(10));
  expect((await boast.status()).code).toBe(status.RESOURCE_EXHAUSTED);
  boast.close();
});

bed.scenario('a client that never reads its replies is held back, then let go', 60_000, async () => {
  const beforeBytes = await memoryOf(leader.replica);
  const session = open();
  await session.welcome();
  session.call.pause();
  const pings = (from: number): Operation[] =>
    Array.from({ length: 5_000 }, (_, at) => ({
      id: from + at,
      call: undefined,
      request: { $case: 'ping', value: {} },
    }));
  for (let frame = 0; frame < 100; frame++) session.send(pings(frame * 5_000));
  for (let look = 0; look < 10; look++) {
    expect((await memoryOf(leader.replica)) - beforeBytes).toBeLessThan(GROWTH_BYTES_MAX);
    expect(await others.since(nowMs())).toBeLessThan(3_000);
    await sleep(200);
  }
  session.close();
});

bed.scenario(
  'a client that asks for much and never reads it costs a bounded amount of memory',
  90_000,
  async () => {
    const writer = open();
    const { lease } = await openLease(writer, 600_000);
    const names = Array.from({ length: 1_000 }, (_, at) => `${at}`.padEnd(1_000, '-'));
    await Promise.all(names.map((name) => writer.result('lockAcquire', acquire(name, lease))));
    // Forty megabytes in one turn, to one that reads: no frame is larger than clients take.
    const reader = cluster.connect();
    const pages = await Promise.all(Array.from({ length: 160 }, () => reader.listLocks()));
    // A page ends at 256 KiB.
    expect(pages.map(({ locks, more }) => more && locks.length > 250)).toEqual(pages.map(() => true));

    const page: Operation['request'] = {
      $case: 'lockList',
      value: { prefix: '', after: '', limit: 0, stale: true },
    };

    const beforeBytes = await memoryOf(leader.replica);
    const session = open();
    await session.welcome();
    session.call.pause();
    // A page is a quarter of a megabyte: together several times the bound.
    for (let frame = 0; frame < 30; frame++) {
      session.send(
        Array.from({ length: 100 }, (_, at) => ({ id: frame * 100 + at, call: undefined, request: page })),
      );
    }
    for (let look = 0; look < 15; look++) {
      expect(((await memoryOf(leader.replica)) - beforeBytes) / MIB).toBeLessThan(GROWTH_BYTES_MAX / MIB);
      expect(await others.since(nowMs())).toBeLessThan(3_000);
      await sleep(200);
    }
    session.close();
    await writer.result('leaseRevoke', { $case: 'leaseRevoke', value: { lease } });
  },
);
