import type { AegisCluster } from '@aegis/crds';
import type { CertificatesContext } from '../context.js';
import { demandedHosts } from '../names.js';
import { flawOf, readPair, type Pair } from '../pair.js';
import type { Problem } from '../source.js';
import { issuedSecret, ROLES_ASKED, type Asked } from './build.js';

/**
 * What is issued for one of them, if it is good.
 * @param unanswered why cert-manager will not issue anything
 */
export async function lookAt(
  { readSecret, nowMs }: CertificatesContext,
  cluster: AegisCluster,
  asked: Asked,
  unanswered: string | undefined,
): Promise<Pair | Problem> {
  const { name, namespace } = cluster.metadata;
  const secretName = issuedSecret(name, asked);
  const secret = await readSecret({ namespace, name: secretName });
  if (secret === undefined && unanswered !== undefined) {
    const message = `${unanswered}, or put ca.crt, tls.crt and tls.key into the Secret ${secretName} yourself`;
    return { reason: 'CertManagerMissing', message };
  }
  if (secret === undefined) {
    const message = `cert-manager has not written the Secret ${secretName} yet; its Certificate ${name}-${asked} says why: kubectl describe certificate -n ${namespace} ${name}-${asked}`;
    return { reason: 'CertificatePending', message };
  }
  const pair = readPair(secret);
  const hosts = asked === 'member' ? demandedHosts(cluster) : [];
  const flaw =
    typeof pair === 'string' ? pair : flawOf(pair, { role: ROLES_ASKED[asked], hosts, nowMs: nowMs() });
  if (typeof pair !== 'string' && flaw === undefined) return pair;
  const message = `the Secret ${secretName} ${flaw}; it is not taken, and members go on with what they have. Mend the issuer, or delete the Secret so that cert-manager issues anew`;
  return { reason: 'CertificateInvalid', message };
}
