import { KubeConfig } from '@kubernetes/client-node';

import type { Kubectl } from '../../kubectl.js';

/** The way to the API server of a ServiceAccount: by a token of its own, as one of its pods would have it. */
export async function asAccount(kubectl: Kubectl, namespace: string, account: string): Promise<KubeConfig> {
  const token = (await kubectl.run('create', 'token', account, `--namespace=${namespace}`)).trim();
  const admin = new KubeConfig();
  admin.loadFromFile(kubectl.kubeconfig);
  const config = new KubeConfig();
  config.loadFromClusterAndUser(admin.getCurrentCluster()!, { name: account, token });
  return config;
}
