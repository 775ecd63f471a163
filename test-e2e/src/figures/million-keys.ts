import type { Kv } from '@aegis/client';
import { setTimeout as sleep } from 'node:timers/promises';

import { nowMs } from '../harness/clock.js';
import type { Cluster } from '../harness/cluster.js';
import { metricOf } from '../harness/metrics-page.js';
import { cpuSeconds, memoryMiB } from './process-cost.js';
import { count, median, onCluster, rounded, say } from './stage.js';

/** What many small keys cost: memory, a start, a put, and a leader that is killed. Arguments: keys (1,000,000), rounds (3). */
const KEYS = count(0, 1_000_000);
const ROUNDS = count(1, 3);
const FEW = 1_000;
const VALUE = Buffer.alloc(32, 'v');
const CONNECTIONS = 20;
const LOOPS = 1_000;
const ROUND_MS = 4_000;

function keyOf(at: number): string {
  return `key/${String(at).padStart(8, '0')}`;
}

async function fill(kvs: readonly Kv[], keys: number): Promise<void> {
  let next = 0;
  const loops = Array.from({ length: LOOPS }, async (_, at) => {
    const kv = kvs[at % kvs.length]!;
    while (next < keys) await kv.put(keyOf(next++), VALUE);
  });
  await Promise.all(loops);
}

interface PutCost {
  readonly putsPerSecond: number;
  /** Summed over all replicas. */
  readonly replicaMicros: number;
}

/** A closed loop of puts to keys of the first `keys`, by chance. */
async function putCost(cluster: Cluster, kvs: readonly Kv[], keys: number, ms = ROUND_MS): Promise<PutCost> {
  const pids = cluster.replicas.map(({ process }) => process.pid);
  const cpu = (): number => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const untilMs = nowMs() + ms;
  const before = cpu();
  let puts = 0;
  const loops = Array.from({ length: LOOPS }, async (_, at) => {
    const kv = kvs[at % kvs.length]!;
    for (; nowMs() < untilMs; puts++) await kv.put(keyOf(Math.floor(Math.random() * keys)), VALUE);
  });
  await Promise.all(loops);
  return { putsPerSecond: puts / (ms / 1_000), replicaMicros: ((cpu() - before) / puts) * 1e6 };
}

async function costs(name: string, cluster: Cluster, kvs: readonly Kv[], keys: number): Promise<number> {
  await putCost(cluster, kvs, keys, 2_000);
  const rounds: PutCost[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await putCost(cluster, kvs, keys));
  const micros = median(rounds.map(({ replicaMicros }) => replicaMicros));
  const perSecond = Math.round(median(rounds.map(({ putsPerSecond }) => putsPerSecond)));
  say(name, { keys, putsPerSecond: perSecond, replicaMicrosPerPut: rounded(micros, 1) });
  return micros;
}

/** MiB, of each replica; resident memory now and at its highest, and what of it JavaScript uses and holds. */
async function memory(cluster: Cluster): Promise<Record<string, unknown>> {
  const of = async (name: string): Promise<number[]> => {
    const bytes = cluster.replicas.map(({ member }) =>
      metricOf(member.metricsAddress, `aegis_nodejs_${name}_bytes`),
    );
    return (await Promise.all(bytes)).map((each) => Math.round((each ?? Number.NaN) / 2 ** 20));
  };
  return {
    rssMiB: cluster.replicas.map(({ process }) => memoryMiB(process.pid)),
    heapUsedMiB: await of('heap_size_used'),
    heapHeldMiB: await of('heap_size_total'),
    externalMiB: await of('external_memory'),
  };
}

async function restarts(cluster: Cluster): Promise<void> {
  const seconds: number[] = [];
  for (const replica of cluster.replicas.slice(0, ROUNDS)) {
    await replica.kill();
    const beganMs = nowMs();
    replica.start();
    await replica.ready(120_000);
    seconds.push(rounded((nowMs() - beganMs) / 1_000));
  }
  say('restart to ready', { seconds: median(seconds), each: seconds, ...(await memory(cluster)) });
}

async function leaderKills(cluster: Cluster): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { replica } = await cluster.settled(120_000);
    const others = cluster.endpoints.filter((endpoint) => endpoint !== replica.member.clientAddress);
    const clients = others.map((endpoint) => cluster.connect({ endpoints: [endpoint] }));
    await Promise.all(clients.map((client) => client.kv.put('probe', 'before')));
    await sleep(1_000);
    const beganMs = nowMs();
    await replica.kill();
    await Promise.race(clients.map((client) => client.kv.put('probe', 'after')));
    times.push(Math.round(nowMs() - beganMs));
    replica.start();
    await replica.ready(120_000);
  }
  say('kill -9 of the leader to the next write', { ms: median(times), each: times });
}

await onCluster(async (cluster) => {
  const kvs = Array.from({ length: CONNECTIONS }, (_, at) => {
    const endpoint = cluster.endpoints[at % cluster.endpoints.length]!;
    return cluster.connect({ endpoints: [endpoint] }).kv;
  });
  await fill(kvs, FEW);
  const few = await costs('put with few keys', cluster, kvs, FEW);
  const beganMs = nowMs();
  await fill(kvs, KEYS);
  say('filled', { keys: KEYS, seconds: rounded((nowMs() - beganMs) / 1_000), ...(await memory(cluster)) });
  const many = await costs('put with many keys', cluster, kvs, KEYS);
  say('cost of a put, many keys to few', { ratio: rounded(many / few) });
  await sleep(5_000);
  say('at rest', await memory(cluster));
  await restarts(cluster);
  await leaderKills(cluster);
});
