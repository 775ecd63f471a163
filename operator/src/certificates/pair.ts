import { createPrivateKey } from 'node:crypto';
import type { ObjectOf, RESOURCES } from '../kube/resource.js';
import { readCertificates, signerOf, type Certificate } from './certificate.js';

export type Secret = ObjectOf<typeof RESOURCES.secrets>;

/** What a holder presents itself with, as a Secret has it. */
export interface Pair {
  /** The certificate itself first. */
  readonly chain: readonly Certificate[];
  readonly key: string;
  /** Whom it trusts. */
  readonly authorities: readonly Certificate[];
}

/** What the certificate in a Secret has to be good for. */
export interface Demand {
  readonly role: 'aegis:replica' | 'aegis:client' | 'aegis:admin';
  /** Names under which the holder is called; none for one that only calls. */
  readonly hosts: readonly string[];
  readonly nowMs: number;
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

export function textOf(secret: Secret | undefined, file: string): string | undefined {
  const encoded = secret?.data?.[file];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}

export function encoded(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, Buffer.from(text).toString('base64')]),
  );
}

/** The certificate that the holder shows. */
export function leafOf({ chain }: Pair): Certificate {
  return chain[0]!;
}

/** The pair in a Secret; or, as the end of a sentence about the Secret, why it holds none. */
export function readPair(secret: Secret): Pair | string {
  const [ca, cert, key] = ['ca.crt', 'tls.crt', 'tls.key'].map((file) => textOf(secret, file) ?? '');
  for (const [file, text] of [
    ['ca.crt', ca],
    ['tls.crt', cert],
    ['tls.key', key],
  ] as const)
    if (text === '') return `has no ${file}`;
  const chain = tried(() => readCertificates(cert!));
  if (typeof chain === 'string') return `has a tls.crt that cannot be read: ${chain}`;
  const authorities = tried(() => readCertificates(ca!));
  if (typeof authorities === 'string') return `has a ca.crt that cannot be read: ${authorities}`;
  const belongs = tried(() => chain[0]!.x509.checkPrivateKey(createPrivateKey(key!)));
  if (typeof belongs === 'string') return `has a tls.key that cannot be read: ${belongs}`;
  if (!belongs) return 'has a tls.key that is not the key of its tls.crt';
  return { chain, key: key!, authorities };
}

/** What is wrong with a pair, as the end of a sentence about its Secret; undefined: nothing. */
export function flawOf(pair: Pair, demand: Demand): string | undefined {
  const leaf = leafOf(pair);
  const { x509 } = leaf;
  if (leaf.endMs <= demand.nowMs) return `has a certificate that ended on ${dayOf(leaf.endMs)}`;
  if (leaf.startMs > demand.nowMs)
    return `has a certificate that is good only from ${dayOf(leaf.startMs)} on`;
  const signer = signerOf(pair.chain, pair.authorities);
  if (signer === undefined) return 'has a certificate that no authority of its ca.crt has signed';
  if (signer.endMs <= demand.nowMs) return `has an authority that ended on ${dayOf(signer.endMs)}`;
  const organization = /^O=(.*)$/m.exec(x509.subject)?.[1];
  if (organization !== demand.role)
    return `has a certificate of the organization ${organization ?? '(none)'}; it must be ${demand.role}`;
  const missing = demand.hosts.find((host) => x509.checkHost(host) === undefined);
  if (missing !== undefined) return `has a certificate that does not cover the name ${missing}`;
  const usages = demand.hosts.length > 0 ? [SERVER_AUTH, CLIENT_AUTH] : [CLIENT_AUTH];
  const lacking = usages.find((usage) => !(x509.keyUsage ?? usages).includes(usage));
  if (lacking !== undefined)
    return `has a certificate without the usage ${lacking === SERVER_AUTH ? 'server auth' : 'client auth'}`;
  return undefined;
}

export function dayOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function tried<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
