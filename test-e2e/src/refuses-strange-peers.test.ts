import { Frame, Hello, Refusal, SnapshotFrame } from '@aegis/proto/replica/peer';
import { beforeAll, expect } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';

import { eventually, nowMs, within } from './harness/clock.js';
import type { Cluster, Leader } from './harness/cluster.js';
import { FirstWrite } from './harness/first-write.js';
import { parseMetrics, total } from './harness/metrics-page.js';
import type { Replica } from './harness/replica.js';
import { Squatter } from './harness/squatter.js';
import { TestBed } from './harness/test-bed.js';

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

async function dial(replica: Replica): Promise<Socket> {
  const [host, port] = replica.member.peerAddress.split(':');
  const socket = connect({ host: host!, port: Number(port) });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Sends these bytes to the peer port; the reason that comes back before the replica hangs up. */
async function answerTo(bytes: Uint8Array, withinMs = 3_000): Promise<string> {
  const answer = await sentBack(bytes, withinMs);
  return answer.length < 4 ? '' : Refusal.decode(answer.subarray(4)).reason;
}

/** The same on a connection for a snapshot. */
async function refusalOf(bytes: Uint8Array): Promise<string> {
  const answer = await sentBack(bytes, 3_000);
  const { body } = SnapshotFrame.decode(answer.subarray(4));
  return body?.$case === 'refused' ? body.value.reason : `not refused: ${body?.$case}`;
}

async function sentBack(bytes: Uint8Array, withinMs: number): Promise<Buffer> {
  const socket = await dial(leader.replica);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = once(socket, 'close');
  socket.write(bytes);
  try {
    await within('the replica hanging up', withinMs, closed);
  } finally {
    socket.destroy();
  }
  return Buffer.concat(chunks);
}

function framed(body: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
}

function hello(over: Partial<Hello> = {}): Buffer {
  const from = cluster.replicas.find(({ id }) => id !== leader.replica.id)!.id;
  const right = {
    protocol: 1,
    clusterId: cluster.id,
    from,
    to: leader.replica.id,
    incarnation: 1,
    stateVersion: 1,
    snapshot: false,
  };
  return framed(Hello.encode(Hello.fromPartial({ ...right, ...over })).finish());
}

async function refused(): Promise<number> {
  return total(
    parseMetrics(await (await leader.replica.get('/metrics')).text()),
    'aegis_peer_frames_refused_total',
  )!;
}

async function nothingChanged(): Promise<void> {
  expect(await others.since(nowMs())).toBeLessThan(3_000);
  const now = await cluster.settled();
  expect({ id: now.replica.id, term: now.term }).toEqual({ id: leader.replica.id, term: leader.term });
}

bed.scenario(
  'a peer of another cluster, of another protocol, for another member, or no member is told why',
  30_000,
  async () => {
    const before = await refused();
    const stranger = randomUUID();
    const said = await answerTo(hello({ clusterId: stranger }));
    expect(said).toContain(cluster.id);
    expect(said).toContain(stranger);
    expect(await answerTo(hello({ protocol: 7 }))).toMatch(/protocol 7/);
    expect(await answerTo(hello({ to: 99 }))).toMatch(/not 99/);
    expect(await answerTo(hello({ from: 99 }))).toMatch(/99 is no member/);
    expect(await refused()).toBe(before + 4);
    await nothingChanged();
  },
);

bed.scenario('garbage, boasts and silence on the peer port', 30_000, async () => {
  const before = await refused();
  expect(await answerTo(randomBytes(64 * 1024))).toMatch(/frame/);
  expect(await answerTo(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))).toMatch(/limit/);
  expect(await answerTo(framed(Buffer.alloc(1_000, 0xff)))).toMatch(/not a frame/);
  // Half a hello, and nothing more: hung up after a while.
  expect(await answerTo(hello().subarray(0, 9), 8_000)).toMatch(/no hello/);
  // A good hello, then garbage.
  expect(await answerTo(Buffer.concat([hello(), framed(Buffer.alloc(64, 0xff))]))).toMatch(/not a frame/);
  expect(await refused()).toBe(before + 5);
  await nothingChanged();
});

bed.scenario('a frame of another cluster after a good hello', 30_000, async () => {
  const from = cluster.replicas.find(({ id }) => id !== leader.replica.id)!.id;
  const foreign = Frame.encode(
    Frame.fromPartial({ clusterId: randomUUID(), from, to: leader.replica.id, probe: { id: 1, sentMs: 1 } }),
  ).finish();
  expect(await answerTo(Buffer.concat([hello(), framed(foreign)]))).toMatch(/cluster/);
  await nothingChanged();
});

bed.scenario('a snapshot of another cluster, of an old leader, and one that is garbage', 30_000, async () => {
  const from = cluster.replicas.find(({ id }) => id !== leader.replica.id)!.id;
  const to = leader.replica.id;
  const good = hello({ snapshot: true });
  const offer = { id: 'x', term: leader.term - 1, index: 1e9, logTerm: 1, stateVersion: 1 };
  const framedOffer = (clusterId: string): Buffer =>
    framed(SnapshotFrame.encode({ clusterId, from, to, body: { $case: 'offer', value: offer } }).finish());
  expect(await refusalOf(Buffer.concat([good, framedOffer(randomUUID())]))).toMatch(/of cluster/);
  expect(await refusalOf(Buffer.concat([good, framedOffer(cluster.id)]))).toMatch(/its sender led term/);
  expect(await answerTo(Buffer.concat([good, framed(Buffer.alloc(64, 0xff))]))).toMatch(/not a frame/);
  expect(await answerTo(hello({ snapshot: true, clusterId: randomUUID() }))).toContain(cluster.id);
  expect(readdirSync(join(leader.replica.dataPath, 'state'))).toEqual(['1']);
  await nothingChanged();
});

bed.scenario(
  'a member whose peers talk to a silent stranger in its place is found again',
  60_000,
  async () => {
    const member = cluster.replicas.find(({ id }) => id !== leader.replica.id)!;
    await member.kill();
    const stranger = await Squatter.on(member.member.peerAddress);
    bed.atEnd(() => stranger.close());
    await eventually('the peers taking the stranger for it', 10_000, () =>
      stranger.connections === cluster.replicas.length - 1 ? true : undefined,
    );
    stranger.leavePort();
    member.start();
    await cluster.settled(20_000);
    await nothingChanged();
  },
);
