import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Identities } from '../control/identities.js';
import { NETWORK } from '../machines/network.js';
import type { Service } from '../machines/service.js';
import type { Programs } from '../programs/modules.js';
import type { Node } from './node.js';

/** Translates the addresses of services into those of pods. */
export async function startProxy(node: Node, programs: Programs, identities: Identities): Promise<Service> {
  const kubeconfig = await identities.kubeconfig(`kube-proxy-${node.name}`, { user: 'system:kube-proxy' });
  const config = join(node.folder, 'kube-proxy.json');
  writeFileSync(
    config,
    JSON.stringify({
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      bindAddress: node.address,
      hostnameOverride: node.name,
      clientConnection: { kubeconfig },
      clusterCIDR: NETWORK.pods,
      mode: 'iptables',
      // Left as they are: those of a namespace of its own cannot be set.
      conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    }),
  );
  return node.machine.start(
    'kube-proxy',
    [programs['kube-proxy'], `--config=${config}`],
    node.log('kube-proxy'),
  );
}
