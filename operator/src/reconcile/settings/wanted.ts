import type { AegisCluster } from '@aegis/crds';
import { resolveSettings, SettingsError, type ConsensusSettings } from '@aegis/replica/settings';
import type { Context } from '../../context.js';
import { forgetApplied } from './applied.js';
import { mergedSettings } from './merged.js';
import { insteadOf, type Wanted } from './plan.js';

/** What the spec wants, or what was merged where it says. What the API server would refuse today is not taken over. */
export async function wantedSettings(context: Context, cluster: AegisCluster): Promise<Wanted> {
  const { profile, consensus, configSource, paused } = cluster.spec;
  if (configSource !== undefined) return mergedSettings(context, cluster, configSource);
  if (!paused) await forgetApplied(context, cluster);
  let settings: ConsensusSettings;
  try {
    settings = resolveSettings(profile, consensus);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return insteadOf(cluster, {}, { status: 'False', reason: 'InvalidSettings', message: error.message });
  }
  const given = consensus !== undefined && Object.keys(consensus).length > 0;
  return { settings, source: { kind: given ? 'Spec' : 'Defaults' } };
}
