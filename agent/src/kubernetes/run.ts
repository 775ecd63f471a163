import type { AegisCluster } from '@aegis/crds';
import {
  Cache,
  configuredServer,
  KubeClient,
  keyOf,
  LeaderElection,
  RESOURCES,
  type ApiServer,
} from '@aegis/operator/kube';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { Views } from '../dashboard/index.js';
import { modelOf, readModelSettings } from '../model/index.js';
import { Notifier, readWebhooks } from '../notify/index.js';
import { readRunbooks } from '../retrieve/index.js';
import { serveDashboard } from '../run/dashboard-port.js';
import { AgentMetrics } from '../run/metrics.js';
import { serveMetrics } from '../run/telemetry-port.js';
import { lookAfter, type ClusterParts } from './cluster-agent.js';
import type { KubernetesConfig } from './config.js';
import { SharedMetrics } from './shared-metrics.js';

/** Each is scraped, and has a window of telemetry in memory. */
const CLUSTERS_MAX = 50;
const LOOK_MS = 5_000;
/** What failed for a cluster is begun anew after this. */
const AGAIN_MS = 60_000;

/**
 * The agent of the AegisClusters that it may see, until the signal: it reads, and writes Incidents, TuningRecommendations and what it has to
 * say in their status. It has no way to a member but its page of metrics.
 */
export async function runInKubernetes(
  config: KubernetesConfig,
  ended: AbortSignal,
  log: (line: string) => void,
  server?: ApiServer,
): Promise<void> {
  const notifier = new Notifier(config.webhooks === undefined ? [] : readWebhooks(config.webhooks), log);
  const model = config.model === undefined ? undefined : modelOf(readModelSettings(config.model));
  const aides = { runbooks: readRunbooks(), model, notify: notifier.send };
  const client = new KubeClient(server ?? (await configuredServer()), { fieldManager: 'aegis-agent' });
  // Phases are told by the resources themselves.
  const metrics = new AgentMetrics(() => []);
  let unready: string | undefined = 'it has not read yet which clusters there are';
  const page = await serveMetrics(metrics, config.metrics, log, () => unready);
  const views = new Views();
  const over = new AbortController();
  const dashboard = serveDashboard(config, views, AbortSignal.any([ended, over.signal]), log);
  const work = async (signal: AbortSignal): Promise<void> => {
    const { namespaces } = config.kubernetes;
    const clusters = new Cache(RESOURCES.clusters, { namespaces });
    const pods = new Cache(RESOURCES.pods, { namespaces, labelSelector: 'app.kubernetes.io/name=aegis' });
    const onProblem = ({ doing, error }: { doing: string; error: unknown }): void =>
      log(`cannot ${doing} objects; trying again: ${String(error)}`);
    const watching = [clusters, pods].map((cache) =>
      (cache as Cache<AegisCluster>).run(client, onProblem, signal),
    );
    await Promise.race([Promise.all([clusters.synced, pods.synced]), ...watching]);
    unready = undefined;
    const sight = { clusters, pods };
    const shared = new SharedMetrics(metrics);
    await lookAfterAll({ client, sight, config, views, aides, log }, shared, signal);
    await Promise.all(watching);
  };
  try {
    const { lease } = config.kubernetes;
    if (lease === undefined) return await work(ended);
    const identity = `${process.env['POD_NAME'] ?? hostname()}_${process.pid}_${Date.now().toString(36)}`;
    const onProblem = (error: unknown): void =>
      log(`the lease ${lease.name} cannot be had or kept: ${String(error)}`);
    unready = undefined;
    await new LeaderElection(client, { lease, identity, onProblem }).run(ended, work);
    if (!ended.aborted) throw new Error(`the lease ${lease.name} was lost: another agent works now`);
  } finally {
    over.abort();
    await dashboard;
    await page?.stop();
    notifier.close();
  }
}

/** One agent a cluster: begun when it is there, ended when it goes or its settings come from elsewhere. */
async function lookAfterAll(
  parts: Omit<ClusterParts, 'metrics'>,
  shared: SharedMetrics,
  signal: AbortSignal,
): Promise<void> {
  const { sight, log } = parts;
  const agents = new Map<string, { readonly end: AbortController; readonly done: Promise<void> }>();
  const begin = (cluster: AegisCluster, key: string): void => {
    const end = new AbortController();
    const until = AbortSignal.any([signal, end.signal]);
    const done = lookAfter(cluster, { ...parts, metrics: shared.of(key) }, until)
      .catch(async (error: unknown) => {
        log(`${key}: ${String(error)}; again in ${AGAIN_MS / 1_000} s`);
        await wait(AGAIN_MS, undefined, { signal: until }).catch(() => undefined);
      })
      .finally(() => {
        agents.delete(key);
        shared.forget(key);
      });
    agents.set(key, { end, done });
  };
  let said = 0;
  while (!signal.aborted) {
    const wanted = new Map(
      sight.clusters
        .list()
        .filter(isThere)
        .map((each) => [agentKey(each), each]),
    );
    for (const [key, { end }] of agents) if (!wanted.has(key)) end.abort();
    for (const [key, cluster] of wanted)
      if (!agents.has(key) && agents.size < CLUSTERS_MAX) begin(cluster, key);
    const surplus = Math.max(0, wanted.size - CLUSTERS_MAX);
    if (surplus !== said)
      log(`${surplus} clusters are not looked after: one agent watches ${CLUSTERS_MAX} at most`);
    said = surplus;
    await wait(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all([...agents.values()].map(({ done }) => done));
}

function isThere({ metadata }: AegisCluster): boolean {
  return metadata.deletionTimestamp === undefined;
}

/** With whatever its agent is made from. */
function agentKey({ metadata, spec }: AegisCluster): string {
  const { repository, branch, path, apiUrl } = spec.configSource ?? {};
  const source = JSON.stringify([repository, branch, path, apiUrl]);
  return `${keyOf(metadata)} ${metadata.uid} ${source}`;
}
