import type { AegisCluster } from '@aegis/crds';
import { bundleOf, withoutRepeats } from '../certificate.js';
import type { CertificatesContext, CertificatesOutcome } from '../context.js';
import { usable, type HolderSecrets } from '../holders.js';
import { keepHolders, SOON_MS } from '../keep.js';
import { nextLookMs, outcomeOf } from '../outcome.js';
import { leafOf, type Pair } from '../pair.js';
import type { Problem } from '../source.js';
import { ASKED } from './build.js';
import { lookAt } from './look.js';
import { IssuedSource } from './source.js';

/** Nobody tells when cert-manager has issued something, or when a person has mended a Secret. */
const LOOK_MS = 30_000;

/**
 * Certificates that cert-manager issues. What it writes is looked at before members get it: a Secret that is missing or wrong is told
 * and changes nothing for members that run. A new authority is taken over in the same three steps as one of the operator's own.
 */
export async function keepIssued(
  context: CertificatesContext,
  cluster: AegisCluster,
  secrets: HolderSecrets,
): Promise<CertificatesOutcome> {
  const nowMs = context.nowMs();
  const unanswered = cluster.spec.paused ? undefined : await context.requests.make(context, cluster);
  const issued = await Promise.all(ASKED.map((each) => lookAt(context, cluster, each, unanswered)));
  const [member, client, admin] = issued.map((each) => ('reason' in each ? undefined : each));
  const problem = issued.find((each): each is Problem => 'reason' in each);
  if (member === undefined) {
    return outcomeOf(secrets, nowMs, { problem, againMs: LOOK_MS, admin: adminOf(admin, secrets, nowMs) });
  }
  const source = new IssuedSource({ member, client });
  const kept = await keepHolders(context, cluster, secrets, source);
  return outcomeOf(kept.secrets, nowMs, {
    problem: kept.hold?.problem ?? problem,
    rotation: kept.rotation,
    againMs: kept.written.length > 0 ? SOON_MS : nextLookMs(nowMs, [kept.hold?.untilMs, nowMs + LOOK_MS]),
    others: [source.signer, ...(admin === undefined ? [] : [leafOf(admin)])],
    admin: adminOf(admin, kept.secrets, nowMs),
  });
}

/** What the operator shows, and whom it trusts: the authorities of its own certificate, and those of the members'. */
function adminOf(
  pair: Pair | undefined,
  { member }: HolderSecrets,
  nowMs: number,
): CertificatesOutcome['admin'] {
  if (pair === undefined) return undefined;
  const trusted = [...(usable(member, nowMs)?.pair.authorities ?? []), ...pair.authorities];
  return { ca: bundleOf(withoutRepeats(trusted)), cert: bundleOf(pair.chain), key: pair.key };
}
