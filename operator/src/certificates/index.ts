import { Authority, notAfterMs } from '@aegis/client/certificates';
import type { AegisCluster } from '@aegis/crds';
import { metadataOf, namesOf } from '../build/names.js';
import type { Context } from '../context.js';
import { RESOURCES, type ObjectOf } from '../kube/resource.js';
import type { Credentials } from '../observe/members-port.js';
import { Trouble } from '../reconcile/trouble.js';

type Secret = ObjectOf<typeof RESOURCES.secrets>;

/** What came of a look at the certificates of a cluster. */
export interface CertificatesSeen {
  /** What the operator calls members with (role aegis:admin), and the authorities that it believes. Undefined: not to be had yet. */
  readonly credentials: Credentials | undefined;
  /** For `status.certificatesEnd`, RFC 3339: when the first of the certificates in use ends. */
  readonly certificatesEnd: string | undefined;
  /** Another look is needed after so long, in milliseconds, whatever else happens. Undefined: no need. */
  readonly againAfterMs: number | undefined;
  /** What a person has to see to while members go on with what they have: shows as Degraded. */
  readonly trouble: { readonly reason: string; readonly message: string } | undefined;
}

/** The operator's own certificates, by the authority's certificate: made anew by every process. */
const own = new Map<string, Credentials>();

/**
 * Sees to the Secrets `<cluster>-authority` (`ca.crt`, `ca.key`), `<cluster>-member` and `<cluster>-client` (`ca.crt`, `tls.crt`,
 * `tls.key`), and to the certificate that the operator itself calls members with. Called once in every look at a cluster,
 * before its StatefulSet is made; asks the API server only when something is to change. Throws Trouble where members cannot go on, and ApiError
 * or ConnectionError when the API server refuses: the look is then repeated.
 * @param clusterId part of the authority's name
 */
export async function reconcileCertificates(
  context: Context,
  cluster: AegisCluster,
  clusterId: string,
): Promise<CertificatesSeen> {
  const { name, namespace } = cluster.metadata;
  if (cluster.spec.tls.issuer === 'CertManager')
    throw new Trouble('IssuerUnsupported', 'certificates of cert-manager are not supported yet');
  const authority = await authorityOf(context, cluster, clusterId);
  const hosts = [
    `*.${namesOf(name).peerService}.${namespace}.svc`,
    ...serviceNames(namesOf(name).clientService, namespace!),
    'localhost',
    ...(cluster.spec.tls.clientNames ?? []),
  ];
  const subjects = [
    {
      secret: namesOf(name).memberSecret,
      role: 'aegis:replica' as const,
      dnsNames: hosts,
      addresses: ['127.0.0.1', '::1'],
    },
    { secret: namesOf(name).clientSecret, role: 'aegis:client' as const },
  ];
  const ends: number[] = [];
  for (const { secret, ...subject } of subjects) {
    const kept = await secretOf(context, namespace!, secret);
    const cert = kept === undefined ? undefined : textOf(kept, 'tls.crt');
    if (cert !== undefined) {
      ends.push(notAfterMs(cert));
      continue;
    }
    const pair = await authority.issue({ name: secret, ...subject }, context.now());
    await context.client.create(RESOURCES.secrets, {
      ...secretWith({ 'ca.crt': authority.pem.cert, 'tls.crt': pair.cert, 'tls.key': pair.key }),
      metadata: metadataOf(cluster, secret),
    });
    ends.push(notAfterMs(pair.cert));
  }
  return {
    credentials: await credentialsOf(authority),
    certificatesEnd: new Date(Math.min(...ends)).toISOString().replace(/\.\d+Z$/, 'Z'),
    againAfterMs: undefined,
    trouble: undefined,
  };
}

async function authorityOf(context: Context, cluster: AegisCluster, clusterId: string): Promise<Authority> {
  const { name, namespace } = cluster.metadata;
  const { authoritySecret } = namesOf(name);
  const kept = await secretOf(context, namespace!, authoritySecret);
  if (kept !== undefined) {
    const cert = textOf(kept, 'ca.crt');
    const key = textOf(kept, 'ca.key');
    if (cert === undefined || key === undefined)
      throw new Trouble(
        'AuthorityUnusable',
        `the Secret ${authoritySecret} lacks ca.crt or ca.key: restore it`,
      );
    return Authority.load({ cert, key });
  }
  const made = await Authority.create(clusterId, context.now());
  await context.client.create(RESOURCES.secrets, {
    ...secretWith({ 'ca.crt': made.pem.cert, 'ca.key': made.pem.key }),
    metadata: metadataOf(cluster, authoritySecret),
  });
  return made;
}

/** From the cache; what is not in there is asked for, so that nothing is ever made twice. */
async function secretOf(context: Context, namespace: string, name: string): Promise<Secret | undefined> {
  const ref = { namespace, name };
  return (
    context.caches.secrets.get(ref) ?? (await context.client.get(RESOURCES.secrets, ref, context.signal))
  );
}

async function credentialsOf(authority: Authority): Promise<Credentials> {
  const ca = authority.pem.cert;
  const kept = own.get(ca);
  if (kept !== undefined) return kept;
  const { cert, key } = await authority.issue({ name: 'aegis-operator', role: 'aegis:admin' });
  const made = { ca, cert, key };
  own.set(ca, made);
  return made;
}

function serviceNames(service: string, namespace: string): string[] {
  return ['', `.${namespace}`, `.${namespace}.svc`, `.${namespace}.svc.cluster.local`].map(
    (rest) => service + rest,
  );
}

function secretWith(texts: Readonly<Record<string, string>>): Omit<Secret, 'metadata'> {
  const data = Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    data: Object.fromEntries(data) as Record<string, string>,
  };
}

function textOf({ data }: Secret, key: string): string | undefined {
  const encoded = data?.[key];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}
