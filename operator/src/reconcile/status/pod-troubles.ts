import type { AegisCluster } from '@aegis/crds';
import { namesOf } from '../../build/names.js';
import type { Context } from '../../context.js';
import type { Pod, PodSeen } from '../../observe/look.js';
import { isForeign } from '../../observe/places.js';
import { Trouble } from '../trouble.js';

/** A container that waits for one of these waits in vain, until somebody mends it. */
const HOPELESS = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CrashLoopBackOff',
]);

/** Whoever is not running by then is kept from it by something. */
const STARTS_MS = 30_000;

/** What keeps pods from being members, in Kubernetes' own words and with what to do. One for each pod at most. */
export function podTroubles(
  { caches, now }: Pick<Context, 'caches' | 'now'>,
  cluster: AegisCluster,
  pods: readonly PodSeen[],
  clusterId: string,
): Trouble[] {
  return pods.flatMap((seen) => {
    const { pod, ordinal } = seen;
    const { name } = pod.metadata;
    if (isForeign(seen, clusterId)) {
      const other = seen.said!.clusterId;
      return new Trouble(
        'ForeignData',
        `${name}: its volume holds data of cluster ${other}, not of ${clusterId}: bring its own volume back`,
      );
    }
    const why = containerTrouble(pod) ?? schedulingTrouble(pod);
    const ageMs = now().getTime() - Date.parse(pod.metadata.creationTimestamp ?? '');
    const claimName = namesOf(cluster.metadata.name).volumeClaim(ordinal);
    const claim = caches.volumeClaims.get({ namespace: cluster.metadata.namespace, name: claimName });
    // A volume that waits for its pod's node is not what keeps the pod from one.
    const forVolume = why === undefined || why.message.includes('PersistentVolumeClaim');
    const old = pod.status?.phase === 'Pending' && ageMs >= STARTS_MS;
    if (claim?.status?.phase === 'Pending' && forVolume && (old || why !== undefined)) {
      const className = claim.spec?.storageClassName ?? 'the default one, if there is one';
      return new Trouble(
        'VolumeNotBound',
        `${name}: no volume for ${claimName}: look at its events, and at the storage class (${className})`,
      );
    }
    if (why !== undefined) return new Trouble(why.reason, `${name}: ${why.message}`);
    if (!old) return [];
    return new Trouble(
      'PodNotStarting',
      `${name}: not started for ${Math.round(ageMs / 1000)} s: look at its events`,
    );
  });
}

function containerTrouble({ status }: Pod): { reason: string; message: string } | undefined {
  const container = status?.containerStatuses?.[0];
  const waiting = container?.state?.waiting;
  if (waiting?.reason === undefined || !HOPELESS.has(waiting.reason)) return undefined;
  const { reason } = waiting;
  if (reason !== 'CrashLoopBackOff') {
    const advice = reason.includes('Image')
      ? 'set spec.image.reference to an image that can be pulled'
      : 'look at its events';
    return { reason, message: `${waiting.message ?? reason}: ${advice}` };
  }
  const ended = container?.lastState?.terminated;
  const said = ended?.message === undefined ? '' : `: ${ended.message.trim().slice(0, 500)}`;
  return {
    reason,
    message: `its process keeps ending, with status ${ended?.exitCode ?? 'unknown'}${said}; look at its log`,
  };
}

function schedulingTrouble({ status }: Pod): { reason: string; message: string } | undefined {
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return undefined;
  return { reason: 'Unschedulable', message: scheduled.message ?? 'no node takes it' };
}
