import type { AegisCluster } from '@aegis/crds';
import {
  parseSettingsDocument,
  resolveSettings,
  SettingsError,
  type ConsensusSettings,
} from '@aegis/replica/settings';
import { memberDigest, SETTINGS_FILE } from '../../build/settings.js';
import type { Context } from '../../context.js';
import type { Pod } from '../../observe/look.js';

/** The name of the ConfigMap that a pod has its settings from. */
export function settingsNameOf({ spec }: Pod): string | undefined {
  return spec?.volumes?.find(({ name }) => name === 'settings')?.configMap?.name;
}

/** The settings that pods run now, each once. Those of a ConfigMap that is gone, or that somebody broke, are not known, and left out. */
export function runningSettings(
  { caches }: Pick<Context, 'caches'>,
  { metadata, spec }: AegisCluster,
  pods: readonly Pod[],
): ConsensusSettings[] {
  const names = new Set(pods.map(settingsNameOf).filter((name) => name !== undefined));
  const found = new Map<string, ConsensusSettings>();
  for (const name of names) {
    const map = caches.configMaps.get({ namespace: metadata.namespace, name });
    const settings = settingsIn(map?.data?.[SETTINGS_FILE], spec.profile);
    if (settings !== undefined) found.set(memberDigest(spec.profile, settings), settings);
  }
  return [...found.values()];
}

function settingsIn(
  text: string | undefined,
  profile: AegisCluster['spec']['profile'],
): ConsensusSettings | undefined {
  if (text === undefined) return undefined;
  try {
    return resolveSettings(profile, parseSettingsDocument(text).consensus);
  } catch (error) {
    if (error instanceof SettingsError) return undefined;
    throw error;
  }
}
