import { Authority } from '@aegis/client/certificates';
import type { AegisCluster } from '@aegis/crds';
import { DAY_MS } from './lifetime.js';
import type { SigningAuthority } from './own/authority-secret.js';

/** What the operator presents itself with to members, as PEM texts. */
export interface AdminCredentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** How long one lives, in days. Nobody else has it, so that a new one costs nothing. */
const LIFE_DAYS = 1;
/** Of clusters that were not asked for longest the certificate is forgotten. */
const KEPT_MAX = 4_096;

interface Issued {
  readonly signer: string;
  readonly dueMs: number;
  readonly cert: string;
  readonly key: string;
}

/**
 * The operator's own certificates as an admin of the clusters that it keeps. They are in its memory, and in a Secret only where
 * backups are wanted. Losing them costs a signature.
 */
export class AdminCertificates {
  readonly #issued = new Map<string, Issued>();

  /** @param ca whom the operator trusts: the authorities of the members' certificates */
  async of(
    { metadata }: AegisCluster,
    { certificate, pem }: SigningAuthority,
    ca: string,
    nowMs: number,
  ): Promise<AdminCredentials> {
    const id = metadata.uid ?? metadata.name;
    const before = this.#issued.get(id);
    if (before?.signer === certificate.digest && nowMs < before.dueMs) {
      return { ca, cert: before.cert, key: before.key };
    }
    const authority = await Authority.load(pem);
    const issued = await authority.issue(
      { name: 'aegis-operator', role: 'aegis:admin' },
      { days: LIFE_DAYS, now: new Date(nowMs) },
    );
    this.#issued.delete(id);
    const dueMs = nowMs + (LIFE_DAYS * DAY_MS * 2) / 3;
    this.#issued.set(id, { ...issued, signer: certificate.digest, dueMs });
    for (const oldest of this.#issued.keys()) {
      if (this.#issued.size <= KEPT_MAX) break;
      this.#issued.delete(oldest);
    }
    return { ca, ...issued };
  }
}
