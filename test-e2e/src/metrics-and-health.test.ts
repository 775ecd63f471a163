import { beforeAll, expect } from '@jest/globals';
import { Client, credentials } from '@grpc/grpc-js';

import { eventually, within } from './harness/clock.js';
import type { Cluster } from './harness/cluster.js';
import { parseMetrics, total, type Sample } from './harness/metrics-page.js';
import type { Replica } from './harness/replica.js';
import { TestBed } from './harness/test-bed.js';

const bed = new TestBed();
let cluster: Cluster;
beforeAll(async () => {
  cluster = await bed.cluster({ replicas: 3 });
  await cluster.start();
}, 60_000);

async function scrape(replica: Replica): Promise<Sample[]> {
  const answer = await replica.get('/metrics');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return parseMetrics(await answer.text());
}

bed.scenario('every replica tells what operators alert on', 30_000, async () => {
  const leader = await cluster.settled();
  const client = cluster.connect();
  const held = await client.lock('measured').acquire();
  const waiting = cluster.connect().lock('measured').acquire();
  // A lease that ends by itself, so that the expiry is counted.
  await client.leases.grant(2_000);
  await eventually('an expiry counted', 10_000, async () =>
    (total(await scrape(leader.replica), 'aegis_lease_expired_total') ?? 0) > 0 ? true : undefined,
  );
  let opened = 0;
  let asked = 0;
  for (const replica of cluster.replicas) {
    const samples = await scrape(replica);
    const value = (name: string): number => {
      const found = total(samples, name);
      if (found === undefined) throw new Error(`${replica.member.name} has no metric ${name}`);
      return found;
    };
    const leads = replica === leader.replica;
    expect(value('aegis_has_leader')).toBe(1);
    expect(value('aegis_is_leader')).toBe(leads ? 1 : 0);
    expect(value('aegis_leader_changes_seen_total')).toBeGreaterThanOrEqual(1);
    expect(value('aegis_proposals_pending')).toBeGreaterThanOrEqual(0);
    expect(value('aegis_proposals_failed_total')).toBeGreaterThanOrEqual(0);
    expect(value('aegis_wal_fsync_duration_seconds_count')).toBeGreaterThan(0);
    expect(value('aegis_peer_round_trip_time_seconds_count')).toBeGreaterThan(0);
    expect(value('aegis_slow_apply_total')).toBeGreaterThanOrEqual(0);
    expect(value('aegis_lease_expired_total')).toBeGreaterThanOrEqual(0);
    expect(value('aegis_lock_queue_depth')).toBe(1);
    expect(value('aegis_locks')).toBe(1);
    expect(value('aegis_election_timeout_seconds')).toBeGreaterThan(
      value('aegis_heartbeat_interval_seconds'),
    );
    opened += value('aegis_session_streams_opened_total');
    asked += value('aegis_client_operations_total');
    expect(Math.abs(value('aegis_peer_clock_offset_seconds'))).toBeLessThan(1);
    expect(value('aegis_nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
    expect(value('aegis_nodejs_gc_duration_seconds_count')).toBeGreaterThanOrEqual(0);
    expect(value('aegis_process_resident_memory_bytes')).toBeGreaterThan(0);
    const locks = (await (await replica.get('/locks?limit=5')).json()) as object;
    expect(locks).toMatchObject({ total: 1, locks: [{ name: 'measured', holderCount: 1, waiterCount: 1 }] });
    const lag = samples.filter(({ name }) => name === 'aegis_follower_lag_entries');
    expect(lag.map(({ labels }) => Number(labels['to']))).toEqual(
      leads ? cluster.replicas.map(({ id }) => id).filter((id) => id !== replica.id) : [],
    );
  }
  // Two clients, and a lease with a claim of each, besides the lease that ended.
  expect(opened).toBeGreaterThanOrEqual(2);
  expect(asked).toBeGreaterThanOrEqual(5);
  await held.release();
  await (await waiting).release();
});

bed.scenario('the telemetry port is read-only and says what it has', 20_000, async () => {
  const { metricsAddress } = cluster.replicas[0]!.member;
  const posted = await fetch(`http://${metricsAddress}/metrics`, { method: 'POST', body: 'x' });
  expect(posted.status).toBe(405);
  const lost = await fetch(`http://${metricsAddress}/elsewhere`);
  expect(lost.status).toBe(404);
  expect(await lost.text()).toContain('/metrics');
});

bed.scenario(
  'a replica without a quorum is alive, not ready, and tells both probes and gRPC health',
  40_000,
  async () => {
    const [alone, ...others] = cluster.replicas as [Replica, ...Replica[]];
    expect((await alone.get('/livez')).status).toBe(200);
    expect((await alone.get('/readyz')).status).toBe(200);
    expect(await health(alone)).toBe('SERVING');

    await Promise.all(others.map((replica) => replica.kill()));
    const problem = await eventually('not being ready', 10_000, async () => {
      const answer = await alone.get('/readyz');
      return answer.status === 503 ? answer.text() : undefined;
    });
    expect(problem).toContain('leader');
    expect((await alone.get('/livez')).status).toBe(200);
    expect(await health(alone)).toBe('NOT_SERVING');
    expect(total(await scrape(alone), 'aegis_has_leader')).toBe(0);

    await cluster.start();
    expect(await health(alone)).toBe('SERVING');
  },
);

bed.scenario('reflection lists the services', 20_000, async () => {
  const client = new Client(cluster.endpoints[0]!, credentials.createInsecure());
  const call = client.makeBidiStreamRequest(
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes,
  );
  call.on('error', () => {});
  const answer = new Promise<Buffer>((resolve) => call.once('data', resolve));
  // ServerReflectionRequest { list_services: "" }
  call.write(Buffer.from([0x3a, 0x00]));
  const listed = (await within('the list of services', 5_000, answer)).toString('latin1');
  for (const service of ['Session', 'Leases', 'Locks', 'Elections', 'Cluster']) {
    expect(listed).toContain(`aegis.v1.${service}`);
  }
  call.cancel();
  client.close();
});

/** grpc.health.v1.Health/Check for the whole server. */
async function health(replica: Replica): Promise<string> {
  const client = new Client(replica.member.clientAddress, credentials.createInsecure());
  const answer = new Promise<Buffer>((resolve, reject) => {
    client.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      Buffer.alloc(0),
      { deadline: Date.now() + 5_000 } as never,
      (error, response) => {
        if (error === null) resolve(response!);
        else reject(error);
      },
    );
  });
  try {
    // HealthCheckResponse { status = 1 }
    const [field, status] = await answer;
    return field === 0x08 ? (['UNKNOWN', 'SERVING', 'NOT_SERVING'][status!] ?? `${status}`) : 'UNKNOWN';
  } finally {
    client.close();
  }
}
