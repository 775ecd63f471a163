import type { StatusResponse } from '@aegis/proto/v1/cluster';
import type { AegisCluster } from '@aegis/crds';
import { hostOf, namesOf } from '../build/names.js';
import type { Context } from '../context.js';
import type { ObjectOf, RESOURCES } from '../kube/resource.js';
import type { Credentials, MemberAddress, Said } from './members-port.js';

export type Pod = ObjectOf<typeof RESOURCES.pods>;

/** What a pod was asked and has answered, all at about one moment. */
export interface PodSeen {
  readonly ordinal: number;
  readonly pod: Pod;
  /** Undefined: it has no address yet. */
  readonly address: MemberAddress | undefined;
  /** Undefined: no answer. */
  readonly said: Said | undefined;
  readonly ready: boolean;
  /** Why it is not, in its own words; undefined: it is, or says nothing. */
  readonly unready: string | undefined;
  readonly status: StatusResponse | undefined;
  /** Why there is no status: for people. */
  readonly statusError: string | undefined;
}

/** Asks all pods of a cluster at once; a slow one costs no more than the bound of one question. */
export async function lookAtPods(
  { caches, members }: Pick<Context, 'caches' | 'members'>,
  { metadata }: AegisCluster,
  credentials: Credentials | undefined,
): Promise<PodSeen[]> {
  const pods = caches.pods.ofCluster(metadata).flatMap((pod) => {
    const ordinal = ordinalOf(namesOf(metadata.name).pod, pod.metadata.name);
    return ordinal === undefined ? [] : [{ ordinal, pod }];
  });
  const seen = pods.map(async ({ ordinal, pod }): Promise<PodSeen> => {
    const ip = pod.status?.podIP;
    const silent = {
      ordinal,
      pod,
      address: undefined,
      said: undefined,
      ready: false,
      unready: undefined,
      status: undefined,
      statusError: undefined,
    };
    if (ip === undefined || pod.metadata.deletionTimestamp !== undefined) return silent;
    const address = { ip, serverName: hostOf(metadata.name, metadata.namespace!, ordinal) };
    const [said, unready, status] = await Promise.all([
      members.member(ip).catch(() => undefined),
      members.unready(ip).then(
        (why) => ({ ready: why === undefined, unready: why }),
        () => ({ ready: false, unready: undefined }),
      ),
      credentials === undefined
        ? { status: undefined, statusError: 'there is no certificate to ask with yet' }
        : members.status(address, credentials).then(
            (status) => ({ status, statusError: undefined }),
            (error: unknown) => ({
              status: undefined,
              statusError: error instanceof Error ? error.message : String(error),
            }),
          ),
    ]);
    return { ...silent, address, said, ...unready, ...status };
  });
  return (await Promise.all(seen)).toSorted((a, b) => a.ordinal - b.ordinal);
}

/** The ordinal that makes a name; undefined: none does. */
export function ordinalOf(nameOf: (ordinal: number) => string, name: string): number | undefined {
  const ordinal = Number(/-(\d{1,6})$/.exec(name)?.[1]);
  return Number.isSafeInteger(ordinal) && nameOf(ordinal) === name ? ordinal : undefined;
}
