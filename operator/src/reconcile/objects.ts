import type { AegisCluster } from '@aegis/crds';
import type { ConsensusSettings } from '@aegis/replica/settings';
import { buildDisruptionBudget, buildServiceAccount } from '../build/guards.js';
import { namesOf } from '../build/names.js';
import { buildNetworkPolicy } from '../build/network-policy.js';
import { buildClientService, buildPeerService } from '../build/services.js';
import { buildSettings } from '../build/settings.js';
import type { Context } from '../context.js';
import { applyOwned, deleteOwned } from './apply.js';
import { reconcileServiceMonitor } from './service-monitor.js';

/** Everything that surrounds the pods, and is there before them. The StatefulSet is not among it: how many pods it keeps is a step. */
export async function reconcileObjects(
  context: Context,
  cluster: AegisCluster,
  settings: ConsensusSettings,
): Promise<void> {
  const { caches, operatorPods } = context;
  // Pods that are made anew need it, whatever becomes of the rest.
  await applyOwned(context, cluster, caches.configMaps, buildSettings(cluster, settings));
  await applyOwned(context, cluster, caches.serviceAccounts, buildServiceAccount(cluster));
  await applyOwned(context, cluster, caches.services, buildPeerService(cluster));
  await applyOwned(context, cluster, caches.services, buildClientService(cluster));
  await applyOwned(context, cluster, caches.disruptionBudgets, buildDisruptionBudget(cluster));
  const policy = buildNetworkPolicy(cluster, operatorPods);
  if (policy === undefined)
    await deleteOwned(context, cluster, caches.networkPolicies, namesOf(cluster.metadata.name).networkPolicy);
  else await applyOwned(context, cluster, caches.networkPolicies, policy);
  await reconcileServiceMonitor(context, cluster);
}
