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

/** The organization (O) of a verified certificate: it carries the role, `aegis:replica`, `aegis:client`, `aegis:admin`. */
export function organizationOf(certificate: PeerCertificate | undefined): string | undefined {
  const organization: string | string[] | undefined = certificate?.subject?.O;
  return Array.isArray(organization) ? organization[0] : organization;
}
