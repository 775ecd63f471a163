import type { AegisCluster } from '@aegis/crds';
import type { ConsensusSettings } from '@aegis/replica/settings';
import { memberDigest, buildSettings } from '../../build/settings.js';
import { namesOf } from '../../build/names.js';
import type { Context } from '../../context.js';
import { applyOwned } from '../apply.js';

/** On the ConfigMap of settings that kept a member from coming back: why they are not tried again. Whoever deletes the ConfigMap has them tried anew. */
const REFUSED_ANNOTATION = 'aegis.dev/refused';

/** Why these settings were taken back. Undefined: they were not. */
export function refusalOf(
  { caches }: Pick<Context, 'caches'>,
  { metadata, spec }: AegisCluster,
  settings: ConsensusSettings,
): string | undefined {
  const name = namesOf(metadata.name).settings(memberDigest(spec.profile, settings));
  return caches.configMaps.get({ namespace: metadata.namespace, name })?.metadata.annotations?.[
    REFUSED_ANNOTATION
  ];
}

/** Remembers, in the object itself, that these settings are not to be tried again. */
export async function refuseSettings(
  context: Context,
  cluster: AegisCluster,
  settings: ConsensusSettings,
  why: string,
): Promise<void> {
  const { client, caches, signal } = context;
  const { metadata } = await applyOwned(
    context,
    cluster,
    caches.configMaps,
    buildSettings(cluster, settings),
  );
  const change = { metadata: { annotations: { [REFUSED_ANNOTATION]: why } } };
  await client.merge(caches.configMaps.type, metadata, change, signal);
}
