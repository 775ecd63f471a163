import { AegisError } from '@aegis/client';
import type { SharedSettings } from '@aegis/proto/v1/cluster';
import type { AegisCluster } from '@aegis/crds';
import { SETTING_NAMES, FIELDS, type ConsensusSettings } from '@aegis/replica/settings';
import type { Context } from '../../context.js';
import type { Pod } from '../../observe/look.js';
import type { LeaderSeen } from '../../observe/membership.js';
import type { Credentials } from '../../observe/members-port.js';
import { Trouble } from '../trouble.js';
import { same } from './plan.js';
import { runningSettings } from './running.js';

/** They belong to the cluster and not to a member: one logged command changes them, and nothing restarts. */
const SHARED = SETTING_NAMES.filter(
  (name): name is keyof SharedSettings => FIELDS[name].scope === 'replicated',
);
/** How soon to look again while the members' own settings still hold them up. */
const HELD_MS = 1_000;

export interface SharedParts {
  readonly credentials: Credentials | undefined;
  readonly leader: LeaderSeen | undefined;
  readonly pods: readonly Pod[];
  /** What members are given now. */
  readonly target: ConsensusSettings;
}

/**
 * What the settings of the whole cluster have to be now. While pods run other settings of their own than the target, a lease must outlive
 * the election timeouts of both: the bounds of TTLs are the larger ones until the roll is over.
 */
export function sharedNow(
  cluster: AegisCluster,
  running: readonly ConsensusSettings[],
  target: ConsensusSettings,
): SharedSettings {
  const old = running.filter((settings) => !same(cluster, settings, target));
  const most = (name: keyof SharedSettings): number =>
    Math.max(target[name], ...old.map((settings) => settings[name]));
  const { leaseExpiryPerTick, kvQuotaBytes } = target;
  const [leaseMinTtlMs, leaseMaxTtlMs] = [most('leaseMinTtlMs'), most('leaseMaxTtlMs')];
  return { leaseMinTtlMs, leaseMaxTtlMs, leaseExpiryPerTick, kvQuotaBytes };
}

/**
 * Sees to the settings of the whole cluster, at its leader. Throws Trouble where they are refused.
 * @returns whether they are those of the target; false: look again after `againAfterMs`
 */
export async function reconcileShared(
  context: Context,
  cluster: AegisCluster,
  { credentials, leader, pods, target }: SharedParts,
): Promise<{ readonly inForce: boolean; readonly againAfterMs?: number }> {
  const inForce = leader?.status.settings;
  const address = leader?.pod.address;
  if (inForce === undefined || address === undefined || credentials === undefined) return { inForce: true };
  const wanted = sharedNow(cluster, runningSettings(context, cluster, pods), target);
  const differing = SHARED.filter((name) => inForce[name] !== wanted[name]);
  const heldUp = SHARED.some((name) => wanted[name] !== target[name]);
  const outcome = heldUp ? { inForce: false, againAfterMs: HELD_MS } : { inForce: true };
  if (differing.length === 0 || cluster.spec.paused)
    return differing.length === 0 ? outcome : { inForce: false };
  try {
    const { changed } = await context.members.setSettings(address, credentials, wanted);
    if (changed) {
      const what = differing.map((name) => `${name} from ${inForce[name]} to ${wanted[name]}`).join(', ');
      const message = `changed ${what}, by a command in the log: nothing restarts`;
      await context.record(cluster, { type: 'Normal', reason: 'SettingsChanged', message });
    }
    return outcome;
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
    throw new Trouble('SettingsRefused', `the leader refuses the settings of the cluster: ${error.message}`);
  }
}
