import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PeerCertificate } from 'node:tls';

import { RefusedStart } from './exit.js';

/** The three PEM files of a TLS folder: `ca.crt`, `tls.crt`, `tls.key`. */
export interface TlsFiles {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

export function readTlsFiles(folder: string): TlsFiles {
  const read = (name: string): Buffer => {
    const path = join(folder, name);
    try {
      return readFileSync(path);
    } catch (error) {
      throw new RefusedStart('usage', `--tls: cannot read ${path}: ${(error as Error).message}`);
    }
  };
  return { ca: read('ca.crt'), cert: read('tls.crt'), key: read('tls.key') };
}

/** Which certificates are in use, for whoever replaces them step by step. */
export interface TlsFacts {
  /** SHA-256 of the own certificate (DER), in hex. */
  readonly certificate: string;
  /** SHA-256 of each trusted authority, in the order of `ca.crt`. */
  readonly authorities: readonly string[];
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Throws, naming the file, if one is no certificate. */
export function tlsFactsOf({ ca, cert }: Pick<TlsFiles, 'ca' | 'cert'>): TlsFacts {
  const authorities = (ca.toString('latin1').match(CERTIFICATE) ?? []).map((pem) => digestOf('ca.crt', pem));
  if (authorities.length === 0) throw new Error('ca.crt holds no certificate');
  return { certificate: digestOf('tls.crt', cert), authorities };
}

function digestOf(file: string, pem: string | Buffer): string {
  try {
    return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
  } catch (error) {
    throw new Error(`${file} holds what is no certificate: ${(error as Error).message}`, { cause: error });
  }
}

/** The organization (O) of a verified certificate: it carries the role, `aegis:replica`, `aegis:client`, `aegis:admin`. */
export function organizationOf(certificate: PeerCertificate | undefined): string | undefined {
  const organization: string | string[] | undefined = certificate?.subject?.O;
  return Array.isArray(organization) ? organization[0] : organization;
}
