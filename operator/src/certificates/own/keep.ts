import type { AegisCluster } from '@aegis/crds';
import { namesOf } from '../../build/names.js';
import { RESOURCES } from '../../kube/resource.js';
import { isWished, ROTATE_AUTHORITY } from '../annotations.js';
import { bundleOf, holds, signerOf, withoutRepeats } from '../certificate.js';
import type { CertificatesContext, CertificatesOutcome } from '../context.js';
import { usable, type HolderSecrets } from '../holders.js';
import { keepHolders, SOON_MS, unseen } from '../keep.js';
import { authorityDays, dueMs } from '../lifetime.js';
import { nextLookMs, outcomeOf } from '../outcome.js';
import { leafOf, type Secret } from '../pair.js';
import type { Move } from '../rotation.js';
import type { Held, Problem } from '../source.js';
import { newAuthority, readAuthorities, withoutOld, type Authorities } from './authority-secret.js';
import { OwnSource } from './source.js';

/** Certificates by an authority of the cluster's own, which is replaced in time, too. */
export async function keepOwn(
  context: CertificatesContext,
  cluster: AegisCluster,
  secrets: HolderSecrets & { readonly authority: Secret | undefined },
): Promise<CertificatesOutcome> {
  const nowMs = context.nowMs();
  const { paused } = cluster.spec;
  if (secrets.authority === undefined && paused) return outcomeOf(secrets, nowMs, { againMs: SOON_MS });
  const secret =
    secrets.authority ??
    (await context.client.create(
      RESOURCES.secrets,
      await newAuthority(cluster, context.clusterId, nowMs),
      context.signal,
    ));
  const authorities = readAuthorities(secret);
  if (typeof authorities === 'string') {
    const { authoritySecret } = namesOf(cluster.metadata.name);
    const message = `the Secret ${authoritySecret} ${authorities}; restore it, or delete it: then a new authority takes over in three steps, without a restart`;
    return outcomeOf(secrets, nowMs, { problem: { reason: 'AuthorityInvalid', message }, againMs: SOON_MS });
  }

  const source = new OwnSource(cluster, authorities, nowMs, context.clusterDomain);
  const kept = await keepHolders(context, cluster, secrets, source);
  const member = usable(kept.secrets.member, nowMs);
  const change =
    kept.written.length > 0 || paused
      ? { made: kept.written.length > 0, blockers: [] }
      : await changeAuthority(context, cluster, { secret, authorities }, kept.rest, member);
  const dues = (['member', 'client'] as const).map((holder) => {
    const held = usable(kept.secrets[holder], nowMs);
    return held === undefined ? undefined : source.dueMs(holder, leafOf(held.pair));
  });
  const moments = [kept.hold?.untilMs, dueOfAuthority(cluster, authorities), ...dues];
  const late = moments.some((ms) => ms !== undefined && ms <= nowMs);
  return outcomeOf(kept.secrets, nowMs, {
    problem: kept.hold?.problem ?? (paused && late ? PAUSED : blocked(change.blockers)),
    rotation: kept.rotation,
    againMs: change.made || change.blockers.length > 0 || late ? SOON_MS : nextLookMs(nowMs, moments),
    others: [authorities.newest.certificate],
    admin: await adminOf(context, cluster, authorities, member),
  });
}

const PAUSED = {
  reason: 'RenewalPaused',
  message:
    'certificates are to be renewed, and spec.paused keeps the operator from it: when they end, members and clients cannot connect any more',
} as const;

/** Whether the authority's Secret was changed, and which pods keep a rotation from being begun. */
interface Change {
  readonly made: boolean;
  readonly blockers: readonly string[];
}

/** A new one when its time has come, and never during a rotation; and the old key goes when it signs nothing any more. */
async function changeAuthority(
  context: CertificatesContext,
  cluster: AegisCluster,
  { secret, authorities }: { readonly secret: Secret; readonly authorities: Authorities },
  rest: Move | undefined,
  member: Held | undefined,
): Promise<Change> {
  const { client, clusterId, signal } = context;
  const nowMs = context.nowMs();
  const { certificate } = authorities.newest;
  const signer = member === undefined ? undefined : signerOf(member.pair.chain, member.pair.authorities);
  if (authorities.old !== undefined && signer?.digest === certificate.digest) {
    await client.apply(RESOURCES.secrets, withoutOld(cluster, secret, authorities), { signal });
    return { made: true, blockers: [] };
  }
  const due = nowMs >= dueOfAuthority(cluster, authorities);
  const wanted = due || isWished(ROTATE_AUTHORITY, cluster, secret.metadata);
  if (certificate.endMs > nowMs) {
    if (!wanted || rest !== undefined || member === undefined) return { made: false, blockers: [] };
    const blockers = await unseen(context, cluster, member);
    if (blockers.length > 0) return { made: false, blockers };
  }
  const before = { secret, authorities };
  await client.apply(RESOURCES.secrets, await newAuthority(cluster, clusterId, nowMs, before), { signal });
  return { made: true, blockers: [] };
}

function blocked(pods: readonly string[]): Problem | undefined {
  if (pods.length === 0) return undefined;
  const message = `the authority is to be replaced, and that does not begin before ${pods.join(', ')} use the certificates of now: look at the pod's log and at /member of its metrics port; a pod that is stuck has to be deleted`;
  return { reason: 'RotationHeldUp', message };
}

function dueOfAuthority(cluster: AegisCluster, { newest }: Authorities): number {
  return dueMs(cluster, 'authority', newest.certificate, authorityDays(cluster));
}

/** By the authority whose certificates are in use, which all members trust; if its key is lost, by the one that takes over. */
async function adminOf(
  context: CertificatesContext,
  cluster: AegisCluster,
  { newest, old }: Authorities,
  member: Held | undefined,
): Promise<CertificatesOutcome['admin']> {
  if (member === undefined) return undefined;
  const { authorities, chain } = member.pair;
  const signer = signerOf(chain, authorities);
  const signing = [newest, old].find((each) => each?.certificate.digest === signer?.digest) ?? newest;
  const known = holds(authorities, newest.certificate) ? [] : [newest.certificate];
  const ca = bundleOf(withoutRepeats([...authorities, ...known]));
  return context.admins.of(cluster, signing, ca, context.nowMs());
}
