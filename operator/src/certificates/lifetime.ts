import { createHash } from 'node:crypto';
import { AUTHORITY_DAYS_MAX, madeMs } from '@aegis/client/certificates';
import type { AegisCluster } from '@aegis/crds';
import type { Certificate } from './certificate.js';

export const DAY_MS = 86_400_000;

/** An authority lives ten times as long as what it signs, so that there is time for a rotation in the last third. */
export function authorityDays({ spec }: AegisCluster): number {
  return Math.min(10 * spec.tls.certificateDays, AUTHORITY_DAYS_MAX);
}

/** How much of a lifetime renewals are spread over, so that many clusters are not renewed at once. */
const SPREAD = 1 / 20;

/**
 * When a certificate that the operator issued is to be renewed: at two thirds of its life, or a little earlier, by a part that is
 * drawn from the cluster's uid and the holder's name, so that it is the same after every restart. If the spec wants shorter
 * lives now, that counts.
 * @param days how long one lives that is issued now
 */
export function dueMs(
  cluster: AegisCluster,
  holder: string,
  { pem, endMs }: Certificate,
  days: number,
): number {
  const made = madeMs(pem);
  const lifeMs = Math.min(endMs - made, days * DAY_MS);
  return made + lifeMs * (2 / 3 - SPREAD * drawn(`${cluster.metadata.uid} ${holder}`));
}

/** From 0 to 1, the same for the same text. */
function drawn(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}
