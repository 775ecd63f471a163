import type { AegisCluster } from '@aegis/crds';
import { namesOf } from '../build/names.js';
import { refuseForeign } from '../reconcile/apply.js';
import { keepIssued } from './cert-manager/keep.js';
import type { CertificatesContext, CertificatesOutcome } from './context.js';
import { nameOf, type HolderSecrets } from './holders.js';
import { keepOwn } from './own/keep.js';

/**
 * One pass over the certificates of a cluster. It can end anywhere and be begun again by anybody: what is to be done follows from
 * the Secrets, what pods tell and the clock. Throws Trouble (NameTaken) if a Secret is somebody else's, and what the API
 * server refuses; conflicts mean that somebody else was at it.
 */
export async function keepCertificates(
  context: CertificatesContext,
  cluster: AegisCluster,
): Promise<CertificatesOutcome> {
  const { namespace, name } = cluster.metadata;
  const { authoritySecret } = namesOf(name);
  const own = cluster.spec.tls.issuer === 'Operator';
  const [authority, member, client] = await Promise.all([
    own ? context.readSecret({ namespace, name: authoritySecret }) : undefined,
    context.readSecret({ namespace, name: nameOf(cluster, 'member') }),
    context.readSecret({ namespace, name: nameOf(cluster, 'client') }),
  ]);
  for (const each of [authority, member, client]) if (each !== undefined) refuseForeign(cluster, each);
  const secrets: HolderSecrets = { member, client };
  return own ? keepOwn(context, cluster, { ...secrets, authority }) : keepIssued(context, cluster, secrets);
}
