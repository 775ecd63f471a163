import { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';

/** An API server: where it is, and what a request to it needs. */
export interface ApiServer {
  readonly url: URL;
  /** Adds certificates, tokens and the connection pool. Tokens are read anew when they change. */
  authenticate(options: RequestOptions): Promise<void>;
}

/**
 * The API server that KUBECONFIG, ~/.kube/config or the pod's own service account names. Throws when none does.
 */
export async function configuredServer(file?: string): Promise<ApiServer> {
  // Loaded only here: with it come all kinds of Kubernetes, a second of work.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (file === undefined) config.loadFromDefault();
  else config.loadFromFile(file);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new Error(
      'no Kubernetes API server is configured: set KUBECONFIG to a file with a current context, or run in a pod with a service account',
    );
  }
  return { url: new URL(cluster.server), authenticate: (options) => config.applyToHTTPSOptions(options) };
}

/** A server on plain HTTP, without credentials: for tests, and for `kubectl proxy`. */
export function plainServer(url: string): ApiServer {
  const agent = new Agent({ keepAlive: true });
  return {
    url: new URL(url),
    authenticate: (options) => {
      options.agent = agent;
      return Promise.resolve();
    },
  };
}
