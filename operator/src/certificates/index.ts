import type { AegisCluster } from '@aegis/crds';
import { namesOf } from '../build/names.js';
import type { Context } from '../context.js';
import { isAlreadyThere, isConflict } from '../kube/errors.js';
import { RESOURCES } from '../kube/resource.js';
import { ordinalOf } from '../observe/look.js';
import type { Credentials } from '../observe/members-port.js';
import { AdminCertificates } from './admin.js';
import { Requests } from './cert-manager/requests.js';
import type { CertificatesContext } from './context.js';
import { keepCertificates } from './keep-certificates.js';
import { dayOf } from './pair.js';
import type { PodTls } from './rotation.js';
import type { Problem } from './source.js';

export { AdminCertificates } from './admin.js';
export { Requests } from './cert-manager/requests.js';
export type { CertificatesContext, CertificatesOutcome } from './context.js';
export { keepCertificates } from './keep-certificates.js';
export type { Span } from './context.js';
export type { PodTls } from './rotation.js';

/** What came of a look at the certificates of a cluster. */
export interface CertificatesSeen {
  /** What the operator calls members with (role aegis:admin), and the authorities that it believes. Undefined: not to be had yet. */
  readonly credentials: Credentials | undefined;
  /** For `status.certificatesEnd`, RFC 3339: when the first of the certificates in use ends. */
  readonly certificatesEnd: string | undefined;
  /** Another look is needed after so long, in milliseconds, whatever else happens. */
  readonly againAfterMs: number;
  /** How far a rotation of the authority has come, as a sentence; undefined: there is none. */
  readonly rotation: string | undefined;
  /** What a person has to see to while members go on with what they have: shows as Degraded. */
  readonly trouble: Problem | undefined;
}

/** How clusters of Kubernetes call themselves unless somebody wants otherwise. Names without it are what members go by. */
const CLUSTER_DOMAIN = 'cluster.local';

/** What a process may forget without harm. */
const memory = { admins: new AdminCertificates(), requests: new Requests() };

/**
 * Sees to the Secrets `<cluster>-authority` (`tls.crt`, `tls.key`), `<cluster>-member` and `<cluster>-client` (`ca.crt`, `tls.crt`,
 * `tls.key`), and to the certificate that the operator itself calls members with. Called once in every look at a cluster,
 * before its StatefulSet is made; asks the API server only when something is to change. Throws Trouble (NameTaken), and ApiError
 * or ConnectionError when the API server refuses: the look is then repeated.
 * @param clusterId part of the authority's name
 */
export async function reconcileCertificates(
  context: Context,
  cluster: AegisCluster,
  clusterId: string,
): Promise<CertificatesSeen> {
  const { client, caches, signal } = context;
  const asked: CertificatesContext['readSecret'] = (ref) => client.get(RESOURCES.secrets, ref, signal);
  const cached: CertificatesContext['readSecret'] = async (ref) => caches.secrets.get(ref) ?? asked(ref);
  const contextOf = (readSecret: typeof asked): CertificatesContext => ({
    ...memory,
    client,
    signal,
    readSecret,
    clusterId,
    clusterDomain: CLUSTER_DOMAIN,
    nowMs: () => context.now().getTime(),
    tellTls: (of) => tellTls(context, of),
    record: context.record,
  });
  const outcome = await keepCertificates(contextOf(cached), cluster).catch((error: unknown) => {
    // The cache was behind: what is to be done follows from what is there.
    if (isConflict(error) || isAlreadyThere(error)) return keepCertificates(contextOf(asked), cluster);
    throw error;
  });
  context.onCertificates(cluster.metadata, outcome.ending);
  return {
    credentials: outcome.admin,
    certificatesEnd: outcome.ending && dayOf(outcome.ending.endMs),
    againAfterMs: outcome.againMs,
    rotation: outcome.rotation,
    trouble: outcome.problem,
  };
}

/**
 * What the members' pods say that they use. One without a node runs nothing, and gets what is there when it comes; pods of backups are
 * none of these.
 */
async function tellTls({ caches, members }: Context, { metadata }: AegisCluster): Promise<PodTls[]> {
  const podOf = namesOf(metadata.name).pod;
  const pods = caches.pods
    .ofCluster(metadata)
    .filter(
      ({ spec, metadata: { name } }) => spec?.nodeName !== undefined && ordinalOf(podOf, name) !== undefined,
    );
  return Promise.all(
    pods.map(async ({ metadata: { name }, status }): Promise<PodTls> => {
      const ip = status?.podIP;
      const said = ip === undefined ? undefined : await members.member(ip).catch(() => undefined);
      return { pod: name, tls: said?.tls ?? undefined };
    }),
  );
}
