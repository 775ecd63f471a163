import type { Certificate } from './certificate.js';
import type { CertificatesOutcome } from './context.js';
import { usable, type HolderSecrets } from './holders.js';
import { DAY_MS } from './lifetime.js';
import { leafOf } from './pair.js';

/** Between two moments of the future something is looked at at least so often. */
const LOOK_MS_MAX = DAY_MS;
const LOOK_MS_MIN = 1_000;

type Rest = Partial<Pick<CertificatesOutcome, 'problem' | 'rotation' | 'admin'>> &
  Pick<CertificatesOutcome, 'againMs'> & { readonly others?: readonly Certificate[] };

/** @param others what is in use beside the holders' own */
export function outcomeOf(secrets: HolderSecrets, nowMs: number, rest: Rest): CertificatesOutcome {
  const leaves = [secrets.member, secrets.client].flatMap((secret) => {
    const held = usable(secret, nowMs);
    return held === undefined ? [] : [leafOf(held.pair)];
  });
  const [first] = [...leaves, ...(rest.others ?? [])].toSorted((a, b) => a.endMs - b.endMs);
  return {
    usable: usable(secrets.member, nowMs) !== undefined,
    ending: first,
    problem: rest.problem,
    rotation: rest.rotation,
    againMs: rest.againMs,
    admin: rest.admin,
  };
}

/** In how many milliseconds the first of the moments is. */
export function nextLookMs(nowMs: number, moments: readonly (number | undefined)[]): number {
  const soonest = Math.min(...moments.flatMap((ms) => (ms === undefined ? [] : [ms - nowMs])));
  return Math.min(Math.max(soonest, LOOK_MS_MIN), LOOK_MS_MAX);
}
