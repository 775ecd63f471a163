import type { AegisCluster } from '@aegis/crds';
import { parseSettingsDocument, resolveSettings, type ConsensusSettings } from '@aegis/replica/settings';
import { memberDigest, SETTINGS_FILE } from '../../build/settings.js';
import type { Context } from '../../context.js';
import type { Pod } from '../../observe/look.js';

/** The name of the ConfigMap that a pod has its settings from. */
export function settingsNameOf({ spec }: Pod): string | undefined {
  return spec?.volumes?.find(({ name }) => name === 'settings')?.configMap?.name;
}

/** The settings that pods run now, each once. Those of a ConfigMap that is gone are not known, and left out. */
export function runningSettings(
  { caches }: Pick<Context, 'caches'>,
  { metadata, spec }: AegisCluster,
  pods: readonly Pod[],
): ConsensusSettings[] {
  const names = new Set(pods.map(settingsNameOf).filter((name) => name !== undefined));
  const found = new Map<string, ConsensusSettings>();
  for (const name of names) {
    const map = caches.configMaps.get({ namespace: metadata.namespace, name });
    const text = map?.data?.[SETTINGS_FILE];
    if (text === undefined) continue;
    const settings = resolveSettings(spec.profile, parseSettingsDocument(text).consensus);
    found.set(memberDigest(spec.profile, settings), settings);
  }
  return [...found.values()];
}
