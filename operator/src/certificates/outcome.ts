import type { Certificate } from './certificate.js';
import type { CertificatesOutcome } from './context.js';
import { usable, type HolderSecrets } from './holders.js';
import { DAY_MS } from './lifetime.js';
import { leafOf } from './pair.js';

/** Between two moments of the future something is looked at at least so often. */
const LOOK_MS_MAX = DAY_MS;
const LOOK_MS_MIN = 1_000;

type Rest = Partial<Pick<CertificatesOutcome, 'problem' | 'rotation' | 'admin'>> &
  Pick<CertificatesOutcome, 'againMs'> & { readonly ends?: readonly number[] };

/** @param ends of what else is in use, in milliseconds since 1970 */
export function outcomeOf(secrets: HolderSecrets, nowMs: number, rest: Rest): CertificatesOutcome {
  const leaves = [secrets.member, secrets.client].flatMap((secret) => {
    const held = usable(secret, nowMs);
    return held === undefined ? [] : [endOf(leafOf(held.pair))];
  });
  const ends = [...leaves, ...(rest.ends ?? [])];
  return {
    usable: usable(secrets.member, nowMs) !== undefined,
    endMs: ends.length === 0 ? undefined : Math.min(...ends),
    problem: rest.problem,
    rotation: rest.rotation,
    againMs: rest.againMs,
    admin: rest.admin,
  };
}

export function endOf({ endMs }: Certificate): number {
  return endMs;
}

/** In how many milliseconds the first of the moments is. */
export function nextLookMs(nowMs: number, moments: readonly (number | undefined)[]): number {
  const soonest = Math.min(...moments.flatMap((ms) => (ms === undefined ? [] : [ms - nowMs])));
  return Math.min(Math.max(soonest, LOOK_MS_MIN), LOOK_MS_MAX);
}
