import type { AegisCluster } from '@aegis/crds';
import { resolveSettings } from '@aegis/replica/settings';
import type { Context } from '../../context.js';
import { forgetApplied } from './applied.js';
import { mergedSettings } from './merged.js';
import type { Wanted } from './plan.js';

/** What the spec wants, or what was merged where it says. Throws SettingsError for what the API server would refuse today. */
export async function wantedSettings(context: Context, cluster: AegisCluster): Promise<Wanted> {
  const { profile, consensus, configSource, paused } = cluster.spec;
  if (configSource !== undefined) return mergedSettings(context, cluster, configSource);
  if (!paused) await forgetApplied(context, cluster);
  const settings = resolveSettings(profile, consensus);
  const given = consensus !== undefined && Object.keys(consensus).length > 0;
  return { settings, source: { kind: given ? 'Spec' : 'Defaults' } };
}
