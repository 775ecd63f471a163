import type { AegisCluster } from '@aegis/crds';
import { namesOf } from '../../build/names.js';
import { memberDigest } from '../../build/settings.js';
import type { Context } from '../../context.js';
import type { PodSeen } from '../../observe/look.js';
import { deleteOwned } from '../apply.js';
import { lastHealthy, type SettingsPlan } from './plan.js';
import { settingsNameOf } from './running.js';

/** Deletes the ConfigMaps of settings that nobody runs, asks for, or goes back to. Only while all pods are as they are wanted. */
export async function forgetSettings(
  context: Context,
  cluster: AegisCluster,
  pods: readonly PodSeen[],
  { target, asked }: SettingsPlan,
): Promise<void> {
  const { caches } = context;
  const { metadata, spec } = cluster;
  const nameOf = namesOf(metadata.name).settings;
  const kept = new Set(pods.map(({ pod }) => settingsNameOf(pod)));
  for (const each of [target, asked, lastHealthy(cluster)])
    if (each !== undefined) kept.add(nameOf(memberDigest(spec.profile, each)));
  for (const { metadata: found } of caches.configMaps.ofCluster(metadata)) {
    if (found.name.startsWith(nameOf('')) && !kept.has(found.name))
      await deleteOwned(context, cluster, caches.configMaps, found.name);
  }
}
