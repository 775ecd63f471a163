import type { AegisCluster } from '@aegis/crds';
import { resolveSettings } from '@aegis/replica/settings';
import type { Context } from '../../context.js';
import type { Wanted } from './plan.js';

/** What the spec wants, or what was merged where it says. Throws SettingsError for what the API server would refuse today. */
export function wantedSettings(_context: Context, { spec }: AegisCluster): Promise<Wanted> {
  const settings = resolveSettings(spec.profile, spec.consensus);
  const given = spec.consensus !== undefined && Object.keys(spec.consensus).length > 0;
  return Promise.resolve({ settings, source: { kind: given ? 'Spec' : 'Defaults' } });
}
