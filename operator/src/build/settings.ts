import { createHash } from 'node:crypto';
import { API_VERSION, type AegisCluster } from '@aegis/crds';
import { FIELDS, SETTING_NAMES, type ConsensusSettings } from '@aegis/replica/settings';
import type { ObjectOf, RESOURCES } from '../kube/resource.js';
import { metadataOf, namesOf } from './names.js';

/** The file in the ConfigMap. */
export const SETTINGS_FILE = 'settings.yaml';

/** Tells apart settings for which members have to restart. Those that are replicated change by a logged command. */
export function memberDigest(profile: string, settings: ConsensusSettings): string {
  const own = SETTING_NAMES.filter((name) => FIELDS[name].scope === 'member').map((name) => [
    name,
    settings[name],
  ]);
  return createHash('sha256')
    .update(JSON.stringify([profile, own]))
    .digest('hex')
    .slice(0, 10);
}

/** The settings document of the members, all defaults filled in: the replica holds it against the envelope once more. */
export function buildSettings(
  cluster: AegisCluster,
  settings: ConsensusSettings,
): ObjectOf<typeof RESOURCES.configMaps> {
  const { name, namespace } = cluster.metadata;
  const { profile } = cluster.spec;
  // JSON is YAML.
  const document = {
    apiVersion: API_VERSION,
    kind: 'AegisCluster',
    metadata: { name, namespace },
    spec: { profile, consensus: settings },
  };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(cluster, namesOf(name).settings(memberDigest(profile, settings))),
    data: { [SETTINGS_FILE]: `${JSON.stringify(document, null, 2)}\n` },
  };
}
