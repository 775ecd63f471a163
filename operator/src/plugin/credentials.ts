import { Authority, readTls } from '@aegis/client/certificates';
import type { TlsOptions } from '@aegis/client';
import type { AegisCluster } from '@aegis/crds';
import { namesOf } from '../build/names.js';
import { readAuthorities } from '../certificates/own/authority-secret.js';
import { readPair, textOf, type Secret } from '../certificates/pair.js';
import { ApiError } from '../kube/errors.js';
import { RESOURCES } from '../kube/resource.js';
import { EXIT, PluginError } from './errors.js';
import type { Target } from './target.js';

/** An admin's certificate is made for this command alone. */
const ADMIN_DAYS = 1;

/** What a member is called with: the certificate of `--tls`, or the one that applications have. */
export async function clientCredentials(
  target: Target,
  cluster: AegisCluster,
  tls: string | undefined,
): Promise<TlsOptions> {
  if (tls !== undefined) return ofFolder(tls);
  const name = namesOf(cluster.metadata.name).clientSecret;
  const secret = await secretOf(target, name);
  if (typeof secret === 'string')
    throw new PluginError(
      `members are called with the certificate in the Secret ${name}, and ${secret}. Or give one with --tls FOLDER`,
    );
  return pairOf(secret, name);
}

/**
 * What hands leadership over: the certificate of `--tls`; or one that is made for a day and kept nowhere, by who may read the authority's
 * Secret; or that of backups, an admin's too, where the cluster has backups.
 */
export async function adminCredentials(
  target: Target,
  cluster: AegisCluster,
  tls: string | undefined,
): Promise<TlsOptions> {
  if (tls !== undefined) return ofFolder(tls);
  const { authoritySecret, backup, clientSecret } = namesOf(cluster.metadata.name);
  const reasons: string[] = [];
  const authority = await secretOf(target, authoritySecret);
  if (typeof authority === 'string') reasons.push(authority);
  else {
    const trusted = await secretOf(target, clientSecret);
    if (typeof trusted === 'string') reasons.push(trusted);
    else return issued(authority, authoritySecret, textOf(trusted, 'ca.crt') ?? '');
  }
  const ofBackups = await secretOf(target, backup);
  if (typeof ofBackups !== 'string') return pairOf(ofBackups, backup);
  reasons.push(ofBackups);
  throw new PluginError(
    `transfer-leader takes an admin's certificate, and there is none that you may use: ${reasons.join('; ')}. Ask for the right to read the Secret ${authoritySecret}, or give an admin's certificate with --tls FOLDER`,
  );
}

async function issued(secret: Secret, name: string, ca: string): Promise<TlsOptions> {
  const authorities = readAuthorities(secret);
  if (typeof authorities === 'string') throw new PluginError(`the Secret ${name} ${authorities}`);
  // While another authority comes in, members trust the old one for certain.
  const signer = authorities.old ?? authorities.newest;
  const authority = await Authority.load(signer.pem);
  const made = await authority.issue({ name: 'kubectl-aegis', role: 'aegis:admin' }, { days: ADMIN_DAYS });
  return { ca, ...made };
}

/** A text: why there is none, as part of a sentence. */
async function secretOf({ client, namespace }: Target, name: string): Promise<Secret | string> {
  try {
    const found = await client.get(RESOURCES.secrets, { namespace, name });
    return found ?? `there is no Secret ${name} in ${namespace}`;
  } catch (error) {
    if (error instanceof ApiError && (error.code === 403 || error.code === 401))
      return `you may not read the Secret ${name} in ${namespace}`;
    throw error;
  }
}

function pairOf(secret: Secret, name: string): TlsOptions {
  const pair = readPair(secret);
  if (typeof pair === 'string') throw new PluginError(`the Secret ${name} ${pair}`);
  const [ca, cert, key] = ['ca.crt', 'tls.crt', 'tls.key'].map((file) => textOf(secret, file)!);
  return { ca: ca!, cert: cert!, key: key! };
}

function ofFolder(folder: string): TlsOptions {
  try {
    return readTls(folder);
  } catch (error) {
    throw new PluginError(
      `--tls: ${folder} must hold ca.crt, tls.crt and tls.key: ${(error as Error).message}`,
      EXIT.usage,
    );
  }
}
