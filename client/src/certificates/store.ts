import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsOptions } from '../stream/credentials.js';
import { Authority, notAfterMs, type KeyPair, type Subject } from './authority.js';

/** Certificates that end within this time are renewed at a start. */
const RENEW_WITHIN_MS = 30 * 86_400_000;
const LOOPBACK = { dnsNames: ['localhost'], addresses: ['127.0.0.1', '::1'] } as const;

/** The folder of one holder: `ca.crt`, `tls.crt` and `tls.key`, as replicas and clients expect it. */
export function holderFolder(tlsFolder: string, holder: string): string {
  return join(tlsFolder, holder);
}

/**
 * Makes what is missing or about to end in a cluster's folder of certificates: the authority (its key readable by its
 * owner only), one certificate for each replica, one for clients, one for admins.
 * @param replicas their names, e.g. `aegis-1`
 */
export async function makeCertificates(
  tlsFolder: string,
  clusterId: string,
  replicas: readonly string[],
): Promise<void> {
  mkdirSync(tlsFolder, { recursive: true, mode: 0o700 });
  const authority = await authorityIn(tlsFolder, clusterId);
  const subjects: Subject[] = [
    ...replicas.map((name) => ({ name, role: 'aegis:replica' as const, ...LOOPBACK })),
    { name: 'client', role: 'aegis:client' },
    { name: 'admin', role: 'aegis:admin' },
  ];
  for (const subject of subjects) {
    const folder = holderFolder(tlsFolder, subject.name);
    if (current(folder)) continue;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, 'ca.crt'), authority.pem.cert);
    writePair(folder, 'tls', await authority.issue(subject));
  }
}

/** What a holder presents itself with. Throws if a file is missing. */
export function readTls(folder: string): TlsOptions {
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  return { ca: read('ca.crt'), cert: read('tls.crt'), key: read('tls.key') };
}

async function authorityIn(tlsFolder: string, clusterId: string): Promise<Authority> {
  const cert = join(tlsFolder, 'ca.crt');
  const key = join(tlsFolder, 'ca.key');
  if (existsSync(cert) && existsSync(key)) {
    return Authority.load({ cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') });
  }
  const authority = await Authority.create(clusterId);
  writePair(tlsFolder, 'ca', authority.pem);
  return authority;
}

function current(folder: string): boolean {
  const cert = join(folder, 'tls.crt');
  if (!existsSync(cert) || !existsSync(join(folder, 'tls.key'))) return false;
  return notAfterMs(readFileSync(cert, 'utf8')) - Date.now() > RENEW_WITHIN_MS;
}

/** The key before the certificate, each in one step: a crash leaves no certificate without its key. */
function writePair(folder: string, name: string, pair: KeyPair): void {
  const files: [string, string, number][] = [
    [`${name}.key`, pair.key, 0o600],
    [`${name}.crt`, pair.cert, 0o644],
  ];
  for (const [file, text, mode] of files) {
    const path = join(folder, file);
    writeFileSync(`${path}.new`, text, { mode });
    chmodSync(`${path}.new`, mode);
    renameSync(`${path}.new`, path);
  }
}
