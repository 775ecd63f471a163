import type { TlsOptions } from '@aegis/client';
import { ErrorCode } from '@aegis/proto/v1/error';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { beforeAll, expect } from '@jest/globals';
import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';

import { within } from './harness/clock.js';
import { askStatus } from './harness/ask-status.js';
import { parseMetrics, total } from './harness/metrics-page.js';
import { RawSession } from './harness/raw-session.js';
import { grant } from './harness/requests.js';
import { TestBed } from './harness/test-bed.js';
import { transferLeadership } from './harness/transfer.js';
import { UpCluster, type UpStatus } from './harness/up.js';

const bed = new TestBed();
let own: UpCluster;
let other: UpCluster;
let address: string;
let status: UpStatus;
beforeAll(async () => {
  [own, other] = await Promise.all([UpCluster.start(bed, 'own', 3), UpCluster.start(bed, 'other', 1)]);
  status = await own.status();
  address = status.members.find(({ id }) => id === status.leader)!.address;
}, 90_000);

function as({ ca, cert, key }: TlsOptions): ChannelCredentials {
  return credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(cert));
}

bed.scenario(
  'a client of the cluster is served, and may not administer it; an admin may',
  30_000,
  async () => {
    const session = new RawSession(address, as(own.tls('client')));
    bed.atEnd(() => session.close());
    expect((await session.result('leaseGrant', grant(10_000))).ttlMs).toBe(10_000);
    expect(await askStatus(address, as(own.tls('client')))).toBeDefined();

    const refused = await transferLeadership(address, as(own.tls('client')));
    expect(refused).toMatchObject({ code: ErrorCode.PERMISSION_DENIED, definite: true, retryable: false });
    expect(refused).toHaveProperty('message', expect.stringMatching(/aegis:admin.*aegis:client/));
    expect((await own.status()).leader).toBe(status.leader);

    const done = await transferLeadership(address, as(own.tls('admin')));
    expect(done).toHaveProperty('leaderId');
    expect((await own.status()).leader).not.toBe(status.leader);
    await own.run('transfer-leader', `${status.leader}`);
  },
);

bed.scenario(
  'without a certificate, in plain text, or with that of another cluster nobody is served',
  30_000,
  async () => {
    const { ca } = own.tls('client');
    const strangers: [string, ChannelCredentials][] = [
      ['no certificate', credentials.createSsl(Buffer.from(ca))],
      ['plain text', credentials.createInsecure()],
      ["another cluster's certificate", as({ ...other.tls('admin'), ca })],
      ["another cluster's authority", as(other.tls('admin'))],
    ];
    for (const [who, credential] of strangers) {
      expect({ who, answer: await askStatus(address, credential, 2_000) }).toEqual({
        who,
        answer: undefined,
      });
      const session = new RawSession(address, credential);
      const error = await within(`${who} being turned away`, 10_000, session.ended);
      expect(error?.code).toBeGreaterThan(0);
      session.close();
    }
  },
);

bed.scenario("a replica's certificate opens no client's door", 20_000, async () => {
  const session = new RawSession(address, as(own.tls('aegis-1')));
  const error = await within('the end', 10_000, session.ended);
  expect(error?.details).toMatch(/aegis:replica/);
  session.close();
});

bed.scenario("a client's certificate opens no replica's door", 20_000, async () => {
  const leading = status.members.find(({ id }) => id === status.leader)!;
  const refused = async (): Promise<number> => {
    const page = await (await fetch(`http://${leading.metrics}/metrics`)).text();
    return total(parseMetrics(page), 'aegis_peer_frames_refused_total')!;
  };
  const before = await refused();
  const [host, port] = leading.address.split(':');
  const { ca, cert, key } = own.tls('client');
  const socket = connectTls({
    host: host!,
    port: Number(port) + 1,
    ca: Buffer.from(ca),
    cert: Buffer.from(cert),
    key: Buffer.from(key),
  });
  socket.on('error', () => {});
  socket.resume();
  await within('being hung up on', 5_000, once(socket, 'close'));
  expect(await refused()).toBe(before + 1);
});
