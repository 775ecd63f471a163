import { KubeConfig } from '@kubernetes/client-node';
import type { AegisCluster } from '@aegis/crds';
import { KubeClient } from '../kube/client.js';
import { isNotFound } from '../kube/errors.js';
import type { KubeObject } from '../kube/object.js';
import { RESOURCES, type ResourceType } from '../kube/resource.js';
import type { ApiServer } from '../kube/server.js';
import { EXIT, PluginError } from './errors.js';
import type { PluginOptions } from './options.js';
import { messageOf } from './trouble.js';

/** What a person at a terminal waits for. Milliseconds. */
const ANSWER_MS = 10_000;
const RETRY = { triesMax: 2, pauseMsMin: 200, pauseMsMax: 1_000 };
const OBJECTS_MAX = 5_000;

/** The API server and the namespace that are meant. */
export interface Target {
  readonly config: KubeConfig;
  readonly server: ApiServer;
  readonly client: KubeClient;
  readonly namespace: string;
}

/** Throws PluginError: there is no such file or context. */
export function targetOf({ kubeconfig, context, namespace }: PluginOptions): Target {
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    throw new PluginError(
      `the kubeconfig ${kubeconfig ?? process.env['KUBECONFIG'] ?? '~/.kube/config'} cannot be read: ${(error as Error).message}`,
      EXIT.usage,
    );
  }
  if (context !== undefined) {
    const there = config.getContexts().map(({ name }) => name);
    if (!there.includes(context))
      throw new PluginError(
        `there is no context ${JSON.stringify(context)} in the kubeconfig; there are ${there.join(', ') || 'none'}`,
        EXIT.usage,
      );
    config.setCurrentContext(context);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new PluginError(
      'the kubeconfig has no current context: choose one with --context or kubectl config use-context',
      EXIT.usage,
    );
  const server: ApiServer = {
    url: new URL(cluster.server),
    authenticate: async (options) => {
      try {
        await config.applyToHTTPSOptions(options);
      } catch (error) {
        // A file that is missing, a plugin that fails.
        const why = messageOf(error);
        throw new PluginError(`the credentials of the kubeconfig do not work: ${why}`, EXIT.usage, {
          cause: error,
        });
      }
    },
  };
  const chosen = namespace ?? config.getContextObject(config.getCurrentContext())?.namespace ?? 'default';
  return {
    config,
    server,
    client: new KubeClient(server, { retry: RETRY, timeoutMs: ANSWER_MS }),
    namespace: chosen,
  };
}

/** The cluster of this name, or the only one of the namespace. */
export async function clusterOf(target: Target, name: string | undefined): Promise<AegisCluster> {
  const { client, namespace } = target;
  if (name !== undefined) {
    const found = await client.get(RESOURCES.clusters, { namespace, name });
    if (found !== undefined) return found;
  }
  const all = await clustersOf(target);
  const names = all.map(({ metadata }) => metadata.name).join(', ');
  if (name === undefined && all.length === 1) return all[0]!;
  if (all.length === 0)
    throw new PluginError(
      `there is no AegisCluster in the namespace ${namespace}: choose another with -n, or see kubectl get aegisclusters --all-namespaces`,
    );
  throw name === undefined
    ? new PluginError(`there are several clusters in ${namespace}: say which of ${names}`, EXIT.usage)
    : new PluginError(`there is no AegisCluster ${name} in the namespace ${namespace}; there are ${names}`);
}

/** Those of the namespace. Throws PluginError where Kubernetes does not know the kind. */
export async function clustersOf(target: Target): Promise<readonly AegisCluster[]> {
  try {
    return await allOf(target, RESOURCES.clusters);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new PluginError(
      'this Kubernetes knows no AegisCluster: install the operator first (helm install aegis charts/aegis-operator)',
      EXIT.failed,
      { cause: error },
    );
  }
}

/** Page by page, up to a bound. */
export async function allOf<T extends KubeObject>(
  { client, namespace }: Target,
  type: ResourceType<T>,
  labelSelector?: string,
): Promise<readonly T[]> {
  const found: T[] = [];
  let next: string | undefined;
  do {
    const page = await client.list(type, { namespace, labelSelector, limit: 250, continue: next });
    found.push(...page.items);
    next = page.continue;
  } while (next !== undefined && found.length < OBJECTS_MAX);
  return found;
}
