import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Identities } from '../control/identities.js';
import { NETWORK } from '../machines/network.js';
import type { Service } from '../machines/service.js';
import type { Programs } from '../programs/modules.js';
import type { Node } from './node.js';

export async function startKubelet(node: Node, programs: Programs, identities: Identities): Promise<Service> {
  const serving = await identities.server(`${node.name}-serving`, [node.address], [node.name]);
  const user = { user: `system:node:${node.name}`, group: 'system:nodes' };
  const kubeconfig = await identities.kubeconfig(node.name, user);
  // Pods learn nothing from this machine's own resolver: what it knows is not in there.
  const resolver = join(node.folder, 'resolv.conf');
  writeFileSync(resolver, '');
  const config = join(node.folder, 'kubelet.json');
  writeFileSync(
    config,
    JSON.stringify(
      {
        apiVersion: 'kubelet.config.k8s.io/v1beta1',
        kind: 'KubeletConfiguration',
        address: node.address,
        authentication: {
          anonymous: { enabled: false },
          webhook: { enabled: true },
          x509: { clientCAFile: identities.authority.files.cert },
        },
        authorization: { mode: 'Webhook' },
        tlsCertFile: serving.cert,
        tlsPrivateKeyFile: serving.key,
        clusterDomain: 'cluster.local',
        clusterDNS: [NETWORK.dns],
        resolvConf: resolver,
        containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
        cgroupDriver: 'cgroupfs',
        cgroupRoot: node.group,
        enforceNodeAllocatable: [],
        failCgroupV1: false,
        failSwapOn: false,
        // The node's disk is that of this machine: how full that is says nothing about the node.
        localStorageCapacityIsolation: false,
        imageGCHighThresholdPercent: 100,
        evictionHard: { 'nodefs.available': '0%', 'nodefs.inodesFree': '0%', 'imagefs.available': '0%' },
        volumePluginDir: '/var/lib/kubelet/volume-plugins',
        // It may fail to change settings of the kernel and its own priority: those belong to the machine out here.
        featureGates: { KubeletInUserNamespace: true },
        // How soon a pod sees that a Secret of its own has changed: a minute would do, and tests would wait for it.
        syncFrequency: '15s',
        nodeStatusUpdateFrequency: '4s',
        nodeLeaseDurationSeconds: 8,
      },
      undefined,
      2,
    ),
  );
  return node.machine.start(
    'kubelet',
    [
      programs.kubelet,
      `--config=${config}`,
      `--kubeconfig=${kubeconfig}`,
      `--node-ip=${node.address}`,
      `--hostname-override=${node.name}`,
    ],
    node.log('kubelet'),
  );
}
