import { notAfterMs } from '@aegis/client/certificates';
import type { AegisCluster } from '@aegis/crds';
import { metadataOf, namesOf } from '../build/names.js';
import type { Context } from '../context.js';
import type { ObjectOf, RESOURCES } from '../kube/resource.js';
import type { Credentials } from '../observe/members-port.js';
import { applyOwned } from '../reconcile/apply.js';

type Secret = ObjectOf<typeof RESOURCES.secrets>;

/** The operator's own certificate is renewed long before it ends: one that ends later by this is worth handing on. */
const NEWER_MS = 4 * 3_600_000;

/**
 * What backups call the members with: an admin's certificate, because nobody else may read the whole state. It is the operator's own of the
 * moment, which lives for a day or so: without an operator there are no backups after that. Only clusters with backups have it.
 */
export async function keepBackupSecret(
  context: Context,
  cluster: AegisCluster,
  { ca, cert, key }: Credentials,
): Promise<void> {
  const name = namesOf(cluster.metadata.name).backup;
  const kept = context.caches.secrets.get({ namespace: cluster.metadata.namespace, name });
  if (kept !== undefined && textOf(kept, 'ca.crt') === ca && endOf(kept) + NEWER_MS > notAfterMs(cert))
    return;
  const files = { 'ca.crt': ca, 'tls.crt': cert, 'tls.key': key };
  const data = Object.fromEntries(
    Object.entries(files).map(([file, text]) => [file, Buffer.from(text).toString('base64')]),
  );
  await applyOwned(context, cluster, context.caches.secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadataOf(cluster, name),
    type: 'kubernetes.io/tls',
    data,
  });
}

function endOf(secret: Secret): number {
  try {
    return notAfterMs(textOf(secret, 'tls.crt') ?? '');
  } catch {
    return 0;
  }
}

function textOf({ data }: Secret, file: string): string | undefined {
  const encoded = data?.[file];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}
