import {
  makeCaches,
  onClusterChange,
  onRecommendationChange,
  runCaches,
  untilSynced,
} from '../cache/caches.js';
import { ConfigSources } from '../config-source/index.js';
import type { Context } from '../context.js';
import { EventRecorder } from '../events/recorder.js';
import type { KubeClient } from '../kube/client.js';
import type { KubeObject } from '../kube/object.js';
import type { MembersPort } from '../observe/members-port.js';
import { runWorkers, type Outcome } from '../queue/workers.js';
import { WorkQueue } from '../queue/work-queue.js';
import { reconcileRecommendations } from '../recommendations/index.js';
import { reconcile } from '../reconcile/reconcile.js';
import { log, textOf } from './log.js';
import type { OperatorOptions } from './options.js';

/** Clusters that are looked at at the same time. */
const WORKERS = 4;
/** Changes come in crowds: one look sees them all. */
const GATHER_MS = 50;
/** They are looked at all together. */
const RECOMMENDATIONS = 'recommendations';
/** An operator that cannot see, does nothing but to try again. */
const BACKOFF = { pauseMsMin: 200, pauseMsMax: 30_000 };

export interface OperatorParts {
  readonly client: KubeClient;
  readonly members: MembersPort;
  readonly options: Pick<
    OperatorOptions,
    'memberImage' | 'verifierImage' | 'namespace' | 'watchNamespaces' | 'agentLogins' | 'podLabels'
  >;
  readonly queue: WorkQueue;
  readonly onReconcile?: (seconds: number, error: unknown) => void;
  readonly onStep?: (kind: string) => void;
  readonly onCertificates?: Context['onCertificates'];
  /** Called once everything was heard of that there is. */
  readonly onSynced?: () => void;
}

/** The operator at work, until the signal says stop. What it has begun by then is not waited for: it may end anywhere. */
export async function runOperator(parts: OperatorParts, signal: AbortSignal): Promise<void> {
  const { client, members, options, queue } = parts;
  const caches = makeCaches(options.watchNamespaces);
  const events = new EventRecorder(client, 'aegis-operator', (error) =>
    log('warn', 'an event could not be written', { error: textOf(error) }),
  );
  const context: Context = {
    client,
    caches,
    members,
    configSources: new ConfigSources({ agentLogins: options.agentLogins }),
    memberImage: options.memberImage,
    verifierImage: options.verifierImage,
    operatorPods: { namespace: options.namespace, labels: options.podLabels },
    now: () => new Date(),
    record: (about, event) => {
      const { namespace, name } = about.metadata;
      log('info', event.message, { reason: event.reason, [subjectOf(about)]: `${namespace}/${name}` });
      return events.record(about, event);
    },
    onStep: (kind) => parts.onStep?.(kind),
    onCertificates: (cluster, ending) => parts.onCertificates?.(cluster, ending),
    signal,
  };
  onClusterChange(caches, (key) => queue.addAfter(key, GATHER_MS));
  const recommendations = makeQueue();
  const lookAtThem = (): void => recommendations.addAfter(RECOMMENDATIONS, GATHER_MS);
  onRecommendationChange(caches, lookAtThem);
  const watching = runCaches(
    caches,
    client,
    ({ doing, error }) => log('warn', `cannot ${doing} objects; trying again`, { error: textOf(error) }),
    signal,
  );
  const close = (): void => {
    queue.close();
    recommendations.close();
  };
  signal.addEventListener('abort', close, { once: true });
  await Promise.race([untilSynced(caches), watching]);
  if (signal.aborted) return;
  parts.onSynced?.();
  log('info', 'working', { clusters: caches.clusters.list().length });
  const look = async (key: string): Promise<Outcome> => {
    const beganMs = performance.now();
    let failure: unknown;
    try {
      return await reconcile(context, key);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      parts.onReconcile?.((performance.now() - beganMs) / 1000, failure);
    }
  };
  const onFailure = (key: string, error: unknown, pauseMs: number): void => {
    if (!signal.aborted)
      log('warn', 'a look failed', { at: key, error: textOf(error), againAfterMs: pauseMs });
  };
  await Promise.all([
    watching,
    runWorkers(queue, look, { workers: WORKERS, onFailure }),
    // One after the other: verifications run one at a time, of all clusters together.
    runWorkers(recommendations, () => reconcileRecommendations(context), { workers: 1, onFailure }),
  ]);
}

function subjectOf({ kind }: KubeObject): string {
  return kind === 'AegisCluster' ? 'cluster' : kind.toLowerCase();
}

export function makeQueue(): WorkQueue {
  return new WorkQueue(BACKOFF);
}
