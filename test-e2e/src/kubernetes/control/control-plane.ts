import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { NETWORK } from '../machines/network.js';
import type { Machine } from '../machines/machine.js';
import type { Service } from '../machines/service.js';
import type { Programs } from '../programs/modules.js';
import { ApiServer } from './api-server.js';
import type { Identities } from './identities.js';

const ETCD_URL = 'http://127.0.0.1:2379';

export interface ControlPlane {
  readonly api: ApiServer;
  readonly controllers: Service;
  readonly scheduler: Service;
}

/** etcd, the API server, the controllers and the scheduler, on a machine that is no node. */
export async function startControlPlane(
  machine: Machine,
  programs: Programs,
  identities: Identities,
  folder: string,
): Promise<ControlPlane> {
  const { authority } = identities;
  const log = (name: string) => join(folder, 'logs', `${name}.log`);
  mkdirSync(join(folder, 'etcd'));
  // Plain HTTP, on the loopback of a machine on which nothing else runs.
  await machine.start(
    'etcd',
    [
      programs.etcd,
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${ETCD_URL}`,
      `--advertise-client-urls=${ETCD_URL}`,
      '--listen-peer-urls=http://127.0.0.1:2380',
      '--log-level=warn',
    ],
    log('etcd'),
  );
  const tokens = await authority.keyPair('service-accounts');
  const serving = await identities.server(
    'kube-apiserver',
    [NETWORK.control, NETWORK.apiService, '127.0.0.1'],
    ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'],
  );
  const toKubelets = await authority.issue('kube-apiserver-kubelet-client', {
    user: 'kube-apiserver-kubelet-client',
    group: 'system:masters',
  });
  const admin = await identities.kubeconfig('admin', { user: 'admin', group: 'system:masters' });
  const api = new ApiServer(machine, log('kube-apiserver'), programs.kubectl, admin, [
    programs['kube-apiserver'],
    `--etcd-servers=${ETCD_URL}`,
    `--advertise-address=${NETWORK.control}`,
    '--bind-address=0.0.0.0',
    `--service-cluster-ip-range=${NETWORK.services}`,
    `--client-ca-file=${authority.files.cert}`,
    `--tls-cert-file=${serving.cert}`,
    `--tls-private-key-file=${serving.key}`,
    `--kubelet-certificate-authority=${authority.files.cert}`,
    `--kubelet-client-certificate=${toKubelets.cert}`,
    `--kubelet-client-key=${toKubelets.key}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${tokens.pub}`,
    `--service-account-signing-key-file=${tokens.key}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    // Webhooks and extension servers are called at their pods: this machine translates no service addresses.
    '--enable-aggregator-routing=true',
    '--profiling=false',
  ]);
  await api.start();
  const controllers = await machine.start(
    'kube-controller-manager',
    [
      programs['kube-controller-manager'],
      `--kubeconfig=${await identities.kubeconfig('kube-controller-manager', { user: 'system:kube-controller-manager' })}`,
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${tokens.key}`,
      `--root-ca-file=${authority.files.cert}`,
      `--cluster-signing-cert-file=${authority.files.cert}`,
      `--cluster-signing-key-file=${authority.files.key}`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
      '--profiling=false',
      // A lost node is seen after some seconds, so that tests of one need not wait for the usual minute.
      '--node-monitor-grace-period=16s',
    ],
    log('kube-controller-manager'),
  );
  const scheduler = await machine.start(
    'kube-scheduler',
    [
      programs['kube-scheduler'],
      `--kubeconfig=${await identities.kubeconfig('kube-scheduler', { user: 'system:kube-scheduler' })}`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
      '--profiling=false',
    ],
    log('kube-scheduler'),
  );
  return { api, controllers, scheduler };
}
