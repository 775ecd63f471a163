import { createPrivateKey } from 'node:crypto';
import { Authority, type KeyPair } from '@aegis/client/certificates';
import type { AegisCluster } from '@aegis/crds';
import { namesOf } from '../../build/names.js';
import { madeFor, ROTATE_AUTHORITY } from '../annotations.js';
import { readCertificates, type Certificate } from '../certificate.js';
import { authorityDays } from '../lifetime.js';
import { textOf, type Secret } from '../pair.js';
import { secretOf, type Files } from '../secrets.js';

/** An authority of the cluster, with the key that it signs with. */
export interface SigningAuthority {
  readonly certificate: Certificate;
  readonly pem: KeyPair;
}

/** What the authority's Secret holds. */
export interface Authorities {
  readonly newest: SigningAuthority;
  /** The one before, while certificates of it are in use. */
  readonly old: SigningAuthority | undefined;
}

/** A text: why it holds none, as the end of a sentence about the Secret. */
export function readAuthorities(secret: Secret): Authorities | string {
  const newest = readAuthority(secret, 'tls');
  if (typeof newest === 'string') return newest;
  const old = textOf(secret, 'old.key') === undefined ? undefined : readAuthority(secret, 'old');
  return typeof old === 'string' ? old : { newest, old };
}

function readAuthority(secret: Secret, file: 'tls' | 'old'): SigningAuthority | string {
  const [cert, key] = [textOf(secret, `${file}.crt`), textOf(secret, `${file}.key`)];
  if (cert === undefined || key === undefined) return `has no ${file}.${cert === undefined ? 'crt' : 'key'}`;
  try {
    const certificate = readCertificates(cert)[0]!;
    if (!certificate.x509.ca) return `has a ${file}.crt that is no authority`;
    if (!certificate.x509.checkPrivateKey(createPrivateKey(key)))
      return `has a ${file}.key that is not the key of its ${file}.crt`;
    return { certificate, pem: { cert, key } };
  } catch (error) {
    return `has a ${file}.crt or ${file}.key that cannot be read: ${(error as Error).message}`;
  }
}

/** The Secret with a new authority; the one that it had before goes on signing until members trust the new one. */
export async function newAuthority(
  cluster: AegisCluster,
  clusterId: string,
  nowMs: number,
  before?: { readonly secret: Secret; readonly authorities: Authorities },
): Promise<Secret> {
  const { pem } = await Authority.create(clusterId, { days: authorityDays(cluster), now: new Date(nowMs) });
  return authoritySecret(
    cluster,
    { 'tls.crt': pem.cert, 'tls.key': pem.key, ...oldFiles(before?.authorities.newest) },
    madeFor(ROTATE_AUTHORITY, cluster),
    before?.secret,
  );
}

/** The Secret without what signed before: its key is needed no more. */
export function withoutOld(cluster: AegisCluster, secret: Secret, { newest }: Authorities): Secret {
  const wish = secret.metadata.annotations?.[ROTATE_AUTHORITY];
  return authoritySecret(
    cluster,
    { 'tls.crt': newest.pem.cert, 'tls.key': newest.pem.key },
    wish === undefined ? {} : { [ROTATE_AUTHORITY]: wish },
    secret,
  );
}

function oldFiles(old: SigningAuthority | undefined): Files {
  return old === undefined ? {} : { 'old.crt': old.pem.cert, 'old.key': old.pem.key };
}

function authoritySecret(
  cluster: AegisCluster,
  files: Files,
  annotations: Readonly<Record<string, string>>,
  before: Secret | undefined,
): Secret {
  return secretOf(cluster, namesOf(cluster.metadata.name).authoritySecret, files, annotations, before);
}
