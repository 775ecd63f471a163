import type { AegisCluster } from '@aegis/crds';
import { namesOf } from '../build/names.js';
import { TEMPLATE_ANNOTATION } from '../build/pod.js';
import type { Context } from '../context.js';
import type { Folder, Place } from '../members/observed.js';
import { ordinalOf, type Pod, type PodSeen } from './look.js';

/** One place for each ordinal that has a pod or a volume. @param template that is wanted now */
export function placesOf(
  { caches, now }: Pick<Context, 'caches' | 'now'>,
  { metadata }: AegisCluster,
  pods: readonly PodSeen[],
  clusterId: string,
  template: string,
): Place[] {
  const volumes = new Set(
    caches.volumeClaims.ofCluster(metadata).flatMap((claim) => {
      const ordinal = ordinalOf(namesOf(metadata.name).volumeClaim, claim.metadata.name);
      return ordinal === undefined || claim.metadata.deletionTimestamp !== undefined ? [] : [ordinal];
    }),
  );
  const ordinals = new Set([...volumes, ...pods.map(({ ordinal }) => ordinal)]);
  return [...ordinals]
    .toSorted((a, b) => a - b)
    .map((ordinal) => {
      const seen = pods.find((pod) => pod.ordinal === ordinal);
      return {
        ordinal,
        pod: seen !== undefined,
        terminating: seen?.pod.metadata.deletionTimestamp !== undefined,
        folder: folderOf(seen, clusterId),
        ready: seen?.ready === true,
        current: seen?.pod.metadata.annotations?.[TEMPLATE_ANNOTATION] === template,
        runningMs: seen === undefined ? undefined : runningMsOf(seen.pod, now().getTime()),
        volume: volumes.has(ordinal),
      };
    });
}

/** A folder of another cluster is none of ours: nothing is concluded from it. */
function folderOf(seen: PodSeen | undefined, clusterId: string): Folder {
  const said = seen?.said;
  if (said === undefined || isForeign(seen, clusterId)) return { state: 'silent' };
  if (said.state !== 'member') return { state: said.state, nonce: said.nonce };
  return { state: 'member', nonce: said.nonce, id: said.memberId! };
}

/** Whether the data in a pod's volume is of another cluster than it has to be. */
export function isForeign(seen: PodSeen | undefined, clusterId: string): boolean {
  const said = seen?.said;
  return said !== undefined && said.clusterId !== null && said.clusterId !== clusterId;
}

/** Since its container runs; of one that keeps ending, since the pod began: it does not come back any more than one that hangs. */
function runningMsOf({ status }: Pod, nowMs: number): number | undefined {
  const container = status?.containerStatuses?.[0];
  if (container === undefined) return undefined;
  const since = container.restartCount > 0 ? status?.startTime : container.state?.running?.startedAt;
  return since === undefined ? undefined : Math.max(0, nowMs - Date.parse(since));
}
