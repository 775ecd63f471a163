import type { AegisCluster } from '@aegis/crds';
import type { KubeClient } from '@aegis/operator/kube';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Views } from '../dashboard/index.js';
import { EvidenceLog } from '../evidence/index.js';
import type { LoopParts } from '../graph/index.js';
import { AgentFolder } from '../run/agent-folder.js';
import { firstStanding, overAndOver, watch, type DutyMetrics } from '../run/duties.js';
import { HeardSupervisor } from '../run/heard-supervisor.js';
import { Observer } from '../run/observer.js';
import { question } from '../run/question.js';
import { Worker } from '../run/worker.js';
import type { KubernetesConfig } from './config.js';
import { forgeFor } from './forges.js';
import { Mirror } from './mirror.js';
import { OperatorVoice, type Sight } from './operator-voice.js';

export interface ClusterParts {
  readonly client: KubeClient;
  readonly sight: Sight;
  readonly config: Pick<KubernetesConfig, 'folder' | 'scrapeMs' | 'policy' | 'forge'>;
  readonly metrics: DutyMetrics;
  readonly views: Views;
  readonly aides: Pick<LoopParts, 'runbooks' | 'model' | 'notify'>;
  readonly log: (line: string) => void;
}

/**
 * Looks after one cluster until the signal: watches it, works on its incidents, follows its proposals, and says all of it in resources.
 * Throws what only people can mend, such as damaged evidence.
 */
export async function lookAfter(
  cluster: AegisCluster,
  parts: ClusterParts,
  ended: AbortSignal,
): Promise<void> {
  const { client, sight, config, metrics, views, aides } = parts;
  const { name, namespace = '' } = cluster.metadata;
  const log = (line: string): void => parts.log(`${namespace}/${name}: ${line}`);
  const folder = new AgentFolder(folderOf(config.folder, cluster));
  const evidence = EvidenceLog.open(folder.evidencePath);
  const failed = new AbortController();
  const signal = AbortSignal.any([ended, failed.signal]);
  const sleep = (ms: number): Promise<void> => wait(ms, undefined, { signal }).catch(() => undefined);
  const ref = { namespace, name };
  const voice = new OperatorVoice({ client, sight, cluster: ref, evidence, now: Date.now, signal });
  const heard = new HeardSupervisor(voice);
  const hide = views.show(`/clusters/${namespace}/${name}`, { folder, evidence, known: () => heard.known });
  try {
    const first = await firstStanding(heard, sleep, signal, log);
    if (first === undefined) return;
    const { forge, why } = forgeFor(cluster, config.forge);
    if (why !== undefined) log(`proposals stay in their resources: ${why}`);
    const { scrapeMs, policy } = config;
    const observer = new Observer({ folder, scrapeMs, log });
    const worker = new Worker({
      ...{ folder, evidence, forge, policy, question, sleep, signal, log, aides },
      supervisor: voice,
      path: first.path,
      now: Date.now,
    });
    let members = idsOf(first.members);
    const standing = async () => {
      const now = await heard.standing();
      members = idsOf(now.members);
      return now;
    };
    const { clusterId } = first;
    const target = { clusterId, namespace, cluster: name };
    const mirror = new Mirror({ client, folder, evidence, target, members: () => members, signal });
    log(`watching ${first.members.length} replicas of cluster ${clusterId}`);
    const duties = [
      watch(observer, { standing }, first, scrapeMs, signal, metrics, log),
      overAndOver('working', () => worker.work(), sleep, signal, metrics, log),
      overAndOver('following', () => worker.follow(), sleep, signal, metrics, log),
      overAndOver('publishing', () => mirror.publish(), sleep, signal, metrics, log),
    ];
    await Promise.all(duties.map((duty) => duty.finally(() => failed.abort())));
  } finally {
    hide();
    evidence.close();
  }
}

/** Another cluster of the same name is another one. */
function folderOf(folder: string, { metadata }: AegisCluster): string {
  return join(folder, metadata.namespace ?? '', `${metadata.name}-${metadata.uid!.slice(0, 8)}`);
}

function idsOf(members: readonly { readonly name: string; readonly id: number }[]): Record<string, number> {
  return Object.fromEntries(members.map(({ name, id }) => [name, id]));
}
