import type { AegisCluster, AegisClusterStatus } from '@aegis/crds';
import {
  checkEnvelope,
  nextStage,
  resolveSettings,
  SettingsError,
  type ConsensusSettings,
} from '@aegis/replica/settings';
import { memberDigest } from '../../build/settings.js';
import type { Context } from '../../context.js';
import type { Pod } from '../../observe/look.js';
import { refusalOf } from './refused.js';
import { runningSettings } from './running.js';

export type SettingsSource = NonNullable<AegisClusterStatus['settings']>['source'];

/** Why what is wanted is not taken over, as the condition ConfigInSync says it. */
export interface Held {
  readonly status: 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** What somebody wants the settings to be. */
export interface Wanted {
  readonly settings: ConsensusSettings;
  readonly source: SettingsSource;
  readonly held?: Held | undefined;
  /** Ask again after so long, in milliseconds. */
  readonly againAfterMs?: number | undefined;
}

export interface SettingsPlan extends Wanted {
  /** What pods are to be given now: what is wanted, or a stage on the way there. */
  readonly target: ConsensusSettings;
  /** What somebody wants, though it may be refused. */
  readonly asked: ConsensusSettings;
  /** They are those under which the cluster was available last, or there are none to go back to. */
  readonly proven: boolean;
}

/** From what is wanted to what pods are given now: nothing unsafe, nothing that was taken back, and in stages where it must be. */
export function planSettings(
  context: Pick<Context, 'caches'>,
  cluster: AegisCluster,
  pods: readonly Pod[],
  wanted: Wanted,
): SettingsPlan {
  const accepted = acceptable(context, cluster, wanted);
  const running = runningSettings(context, cluster, pods);
  const target = running.length === 0 ? accepted.settings : nextStage(running, accepted.settings);
  const healthy = lastHealthy(cluster);
  return {
    ...accepted,
    asked: wanted.settings,
    target,
    proven: healthy === undefined || same(cluster, healthy, target),
  };
}

/** Those under which the cluster was available last. */
export function lastHealthy({ spec, status }: AegisCluster): ConsensusSettings | undefined {
  const healthy = status?.settings?.lastHealthy;
  return healthy === undefined ? undefined : resolved(spec.profile, healthy);
}

/** Those that its members run, as the status has it. */
export function effective({ spec, status }: AegisCluster): ConsensusSettings | undefined {
  const settings = status?.settings?.effective;
  return settings === undefined ? undefined : resolved(spec.profile, settings);
}

/** Whether no member has to restart for the one or the other. */
export function same({ spec }: AegisCluster, a: ConsensusSettings, b: ConsensusSettings): boolean {
  return memberDigest(spec.profile, a) === memberDigest(spec.profile, b);
}

function acceptable(context: Pick<Context, 'caches'>, cluster: AegisCluster, wanted: Wanted): Wanted {
  const healthy = lastHealthy(cluster);
  // Going back to what was healthy is never refused.
  if (healthy !== undefined && same(cluster, healthy, wanted.settings)) return wanted;
  const verdict = checkEnvelope(wanted.settings, { replicas: cluster.spec.replicas });
  if (!verdict.passed) {
    const broken = verdict.findings.filter(({ passed, severity }) => !passed && severity === 'required');
    const message = broken.map(({ id, statement }) => `rule ${id}: ${statement}`).join('; ');
    return insteadOf(cluster, wanted, { status: 'False', reason: 'UnsafeSettings', message });
  }
  const refused = refusalOf(context, cluster, wanted.settings);
  if (refused === undefined) return wanted;
  return insteadOf(cluster, wanted, { status: 'False', reason: 'RolledBack', message: refused });
}

/** What runs goes on; a cluster that has none yet begins with the defaults. */
export function insteadOf(
  cluster: AegisCluster,
  wanted: Omit<Wanted, 'settings' | 'source'>,
  held: Held,
): Wanted {
  const settings = lastHealthy(cluster) ?? effective(cluster) ?? resolveSettings(cluster.spec.profile);
  const source = cluster.status?.settings?.source ?? { kind: 'Defaults' };
  return { ...wanted, settings, source, held };
}

/** What a status holds, if it can still be understood: a newer operator may have written it. */
function resolved(
  profile: AegisCluster['spec']['profile'],
  settings: Partial<ConsensusSettings>,
): ConsensusSettings | undefined {
  try {
    return resolveSettings(profile, settings);
  } catch (error) {
    if (error instanceof SettingsError) return undefined;
    throw error;
  }
}
