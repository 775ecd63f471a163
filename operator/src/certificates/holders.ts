import type { AegisCluster } from '@aegis/crds';
import { namesOf } from '../build/names.js';
import { madeFor, ROTATE_CERTIFICATES, STEP_SINCE } from './annotations.js';
import { bundleOf, holds, readCertificates, signerOf, type Certificate } from './certificate.js';
import type { CertificatesContext } from './context.js';
import { dayOf, leafOf, readPair, type Secret } from './pair.js';
import { trustedAfter, type Move } from './rotation.js';
import { secretOf, write, type Files } from './secrets.js';
import type { Held, Holder, Source } from './source.js';

/** The Secrets of those who hold certificates. */
export type HolderSecrets = { readonly [H in Holder]: Secret | undefined };

/** Undefined: there is none, or nobody could talk to anybody with it. It is made anew then, and there is nothing to be kept apart. */
export function usable(secret: Secret | undefined, nowMs: number): Held | undefined {
  const pair = secret === undefined ? undefined : readPair(secret);
  if (secret === undefined || pair === undefined || typeof pair === 'string') return undefined;
  const signer = signerOf(pair.chain, pair.authorities);
  if (signer === undefined || signer.endMs <= nowMs || leafOf(pair).endMs <= nowMs) return undefined;
  return { secret, pair };
}

/** Since when the step of a rotation stands, in milliseconds since 1970. What cannot be read counts from now. */
export function sinceMs({ secret }: Held, nowMs: number): number {
  const ms = Date.parse(secret.metadata.annotations?.[STEP_SINCE] ?? '');
  return Number.isNaN(ms) ? nowMs : ms;
}

export interface Outcome {
  readonly secrets: HolderSecrets;
  readonly written: readonly Holder[];
  /** Those of them that have another certificate; the others only trust others. */
  readonly renewed: readonly Holder[];
}

/**
 * Writes both Secrets as they are to be after the move, and nothing that is so already. The clients' comes first: when the
 * members' says that a step stands, clients can have seen it for as long.
 */
export async function writeHolders(
  context: CertificatesContext,
  cluster: AegisCluster,
  secrets: HolderSecrets,
  source: Source,
  move: Move | undefined,
): Promise<Outcome> {
  const nowMs = context.nowMs();
  const member = usable(secrets.member, nowMs);
  const trusted = member === undefined ? source.target : trustedAfter(move, member.pair, source.target);
  const by = signingAfter(member, source, move);
  const after = { ...secrets };
  const written: Holder[] = [];
  const renewed: Holder[] = [];
  for (const holder of ['client', 'member'] as const) {
    const before = secrets[holder];
    const held = usable(before, nowMs);
    const fresh = await source.replacement(holder, held, by);
    const files = fresh ?? kept(held);
    if (files === undefined) continue;
    const annotations = {
      ...(fresh === undefined ? wishOf(before) : madeFor(ROTATE_CERTIFICATES, cluster)),
      ...(holder === 'member' ? { [STEP_SINCE]: stepSince(member, move, nowMs) } : {}),
    };
    const pem = { 'ca.crt': bundleOf(trusted), 'tls.crt': tidy(files.cert), 'tls.key': files.key };
    const wanted = secretOf(cluster, nameOf(cluster, holder), pem, annotations, before);
    after[holder] = await write(context, wanted, before);
    if (after[holder] === before) continue;
    written.push(holder);
    if (fresh !== undefined) renewed.push(holder);
  }
  return { secrets: after, written, renewed };
}

export function nameOf({ metadata }: AegisCluster, holder: Holder): string {
  const { memberSecret, clientSecret } = namesOf(metadata.name);
  return holder === 'member' ? memberSecret : clientSecret;
}

/** Whose certificates are in use after the move: until the switch those of the old authority, also if one is renewed meanwhile. */
function signingAfter(member: Held | undefined, source: Source, move: Move | undefined): Certificate {
  const signer = member === undefined ? undefined : signerOf(member.pair.chain, member.pair.authorities);
  if (signer === undefined || move === 'switch' || holds(source.target, signer)) return source.signer;
  return signer;
}

function stepSince(member: Held | undefined, move: Move | undefined, nowMs: number): string {
  return dayOf(member === undefined || move !== undefined ? nowMs : sinceMs(member, nowMs));
}

function kept(held: Held | undefined): { readonly cert: string; readonly key: string } | undefined {
  return held === undefined ? undefined : { cert: bundleOf(held.pair.chain), key: held.pair.key };
}

/** What a certificate was made for stays with it. */
function wishOf(secret: Secret | undefined): Files {
  const wish = secret?.metadata.annotations?.[ROTATE_CERTIFICATES];
  return wish === undefined ? {} : { [ROTATE_CERTIFICATES]: wish };
}

/** As it would be read again, so that it is not written again for an empty line. */
function tidy(cert: string): string {
  return bundleOf(readCertificates(cert));
}
