import type { AegisCluster } from '@aegis/crds';
import { metadataOf } from '../build/names.js';
import { RESOURCES } from '../kube/resource.js';
import { holds } from '../reconcile/holds.js';
import type { CertificatesContext } from './context.js';
import { encoded, type Secret } from './pair.js';

/** Files that are private: they are in no message and no log. */
export type Files = Readonly<Record<string, string>>;

/** @param before as it was read; it must still be so when it is written */
export function secretOf(
  cluster: AegisCluster,
  name: string,
  files: Files,
  annotations: Readonly<Record<string, string>>,
  before?: Secret,
): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      ...metadataOf(cluster, name),
      annotations,
      // Whoever decided on an older version decides anew.
      ...(before === undefined ? {} : { resourceVersion: before.metadata.resourceVersion! }),
    },
    type: before?.type ?? 'kubernetes.io/tls',
    data: encoded(files),
  };
}

/** Writes it unless it is so already. Returns what is there then: `before` itself if nothing was written. Throws conflicts. */
export async function write(
  { client, signal }: Pick<CertificatesContext, 'client' | 'signal'>,
  wanted: Secret,
  before: Secret | undefined,
): Promise<Secret> {
  if (before === undefined) return client.create(RESOURCES.secrets, wanted, signal);
  return holds(before, wanted) ? before : client.apply(RESOURCES.secrets, wanted, { signal });
}
