import { bundleOf, holds, signerOf, withoutRepeats, type Certificate } from './certificate.js';
import { leafOf, type Pair } from './pair.js';

/**
 * A step from certificates of one authority to those of another, without a moment in which two members that talk to each other do
 * not trust each other:
 * - announce: the new authority is trusted too;
 * - switch: the certificates are of the new one;
 * - drop: the old one is trusted no more.
 */
export type Move = 'announce' | 'switch' | 'drop';

/** What a pod tells of the certificates that it uses; undefined: it does not answer, or is too old to tell. */
export interface PodTls {
  readonly pod: string;
  readonly tls: { readonly certificate: string; readonly authorities: readonly string[] } | undefined;
}

/** So many authorities are trusted at once at most: one that changes all the time is not followed. */
export const TRUSTED_MAX = 8;

/**
 * Which move is next; undefined: there is nothing to rotate. It follows from what the members' Secret holds and nothing else.
 * @param target the authorities that are to be trusted in the end
 */
export function nextMove(held: Pair, target: readonly Certificate[]): Move | undefined {
  const { authorities } = held;
  if (target.some((each) => !holds(authorities, each))) return 'announce';
  const signer = signerOf(held.chain, authorities);
  if (signer === undefined || !holds(target, signer)) return 'switch';
  return authorities.some((each) => !holds(target, each)) ? 'drop' : undefined;
}

/** Whom members trust after the move. */
export function trustedAfter(
  move: Move | undefined,
  held: Pair,
  target: readonly Certificate[],
): readonly Certificate[] {
  if (move === 'announce') return withoutRepeats([...held.authorities, ...target]);
  return move === 'drop' ? target : held.authorities;
}

/** The pods that do not use just what their Secret holds; those that do not answer count among them. */
export function unseenBy(pods: readonly PodTls[], held: Pair): string[] {
  const certificate = leafOf(held).digest;
  const wanted = JSON.stringify(held.authorities.map(({ digest }) => digest).toSorted());
  return pods
    .filter(({ tls }) => {
      if (tls === undefined || tls.certificate !== certificate) return true;
      return JSON.stringify(tls.authorities.toSorted()) !== wanted;
    })
    .map(({ pod }) => pod);
}

/** Whether both are the same bundle. */
export function sameBundle(a: readonly Certificate[], b: readonly Certificate[]): boolean {
  return bundleOf(a) === bundleOf(b);
}
