import { randomUUID } from 'node:crypto';
import { KubeClient, type KubeClientOptions } from '../kube/client.js';
import type { RESOURCES, ObjectOf } from '../kube/resource.js';
import { configuredServer, plainServer } from '../kube/server.js';
import { TestApiServer } from './api-server.js';
import { FaultyProxy } from './faulty-proxy.js';

export type ConfigMap = ObjectOf<typeof RESOURCES.configMaps>;

/**
 * An API server behind a proxy that fails on order. With AEGIS_TEST_KUBECONFIG it is the real one that this file names (not with
 * KUBECONFIG: tests must not land on whatever cluster a shell happens to point at), in a namespace of its own.
 */
export interface Scene {
  readonly proxy: FaultyProxy;
  readonly client: KubeClient;
  readonly namespace: string;
  /** The server for tests; undefined when it is a real one, which cannot be told everything. */
  readonly server: TestApiServer | undefined;
  /** Another client of the same server. */
  clientOf(options: KubeClientOptions): KubeClient;
  end(): Promise<void>;
}

/** Short pauses, so that tests of failures end soon. */
export const QUICK = { triesMax: 6, pauseMsMin: 10, pauseMsMax: 2_000 };

const NAMESPACES = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace' };

export async function startScene(options: KubeClientOptions = {}): Promise<Scene> {
  const kubeconfig = process.env['AEGIS_TEST_KUBECONFIG'];
  const server = kubeconfig === undefined ? new TestApiServer() : undefined;
  await server?.start();
  const upstream = server === undefined ? await configuredServer(kubeconfig) : plainServer(server.url);
  const proxy = new FaultyProxy(upstream);
  await proxy.start();
  const namespace = `aegis-test-${randomUUID().slice(0, 8)}`;
  const direct = new KubeClient(upstream);
  await direct.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const clientOf = (more: KubeClientOptions): KubeClient =>
    new KubeClient(plainServer(proxy.url), { retry: QUICK, ...more });
  const end = async (): Promise<void> => {
    await direct.delete(NAMESPACES, { name: namespace });
    await proxy.kill();
    await server?.stop();
  };
  return { proxy, client: clientOf(options), namespace, server, clientOf, end };
}

export function configMap(
  namespace: string,
  name: string,
  data: Readonly<Record<string, string>> = {},
): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

/** Waits until it holds, and says what did not in `timeoutMs`. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 10_000,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
