import type { AegisCluster } from '@aegis/crds';
import { buildServiceMonitor } from '../build/guards.js';
import { namesOf } from '../build/names.js';
import type { Context } from '../context.js';
import { isNotFound } from '../kube/errors.js';
import { RESOURCES } from '../kube/resource.js';
import { isOwned } from './apply.js';

/** Its kind may not be installed, so that it is not watched: it is looked after when it changes, and this often. */
const AGAIN_MS = 300_000;

/** What was done last for each cluster, and when: only so that the API server is left alone meanwhile. */
const done = new WeakMap<Context, Map<string, { readonly wanted: string; readonly atMs: number }>>();

/** Makes it where it is wanted and its kind is installed; takes away one of ours that is not wanted any more. */
export async function reconcileServiceMonitor(context: Context, cluster: AegisCluster): Promise<void> {
  const { client, signal } = context;
  const { uid, namespace, name } = cluster.metadata;
  const monitor = buildServiceMonitor(cluster);
  const wanted = JSON.stringify(monitor ?? null);
  const kept = done.get(context) ?? new Map<string, { wanted: string; atMs: number }>();
  done.set(context, kept);
  const last = kept.get(uid!);
  const settled = monitor === undefined || performance.now() - (last?.atMs ?? 0) < AGAIN_MS;
  if (last?.wanted === wanted && settled) return;
  const ref = { namespace, name: namesOf(name).serviceMonitor };
  // Most have never had one.
  if (monitor !== undefined || last !== undefined) {
    try {
      const live = await client.get(RESOURCES.serviceMonitors, ref, signal);
      const mine = live === undefined || isOwned(cluster, live);
      if (monitor !== undefined && mine) await client.apply(RESOURCES.serviceMonitors, monitor, { signal });
      else if (monitor === undefined && live !== undefined && mine)
        await client.delete(RESOURCES.serviceMonitors, ref, { uid: live.metadata.uid! }, signal);
    } catch (error) {
      // Its definition is not installed.
      if (!isNotFound(error)) throw error;
    }
  }
  kept.set(uid!, { wanted, atMs: performance.now() });
}
