import type { Member } from '@aegis/proto/v1/cluster';
import type { MemberState } from './cluster-folder.js';

/** What a replica says of itself on its telemetry port. */
export interface Standing {
  /** "joining": its folder is new, and no member of the cluster. */
  readonly state: 'joining' | 'member';
  /** What its folder drew when it was empty: names that life of the folder. */
  readonly nonce: string;
  readonly memberId: number | null;
}

/** What is to be done next so that the replica in a place is a voter of the cluster again. */
export type Step =
  | { readonly kind: 'remove'; readonly id: number }
  | { readonly kind: 'add'; readonly nonce: string }
  | { readonly kind: 'promote'; readonly id: number }
  | { readonly kind: 'settled'; readonly id: number }
  | { readonly kind: 'wait' };

/**
 * The next step, from what is there alone: a supervisor that was killed after any of them goes on where it was.
 *
 * Only a folder that says itself that it is new and unknown replaces anybody. Its member may have voted, so that its id is never
 * used again: it is removed, which sets its addresses free, and the folder comes back as a new member, a learner first.
 */
export function nextStep(
  place: Pick<MemberState, 'peerAddress'>,
  standing: Standing,
  members: readonly Member[],
): Step {
  const own = members.find(({ nonce }) => nonce === standing.nonce);
  if (own !== undefined) {
    if (own.state === 'voter') return { kind: 'settled', id: own.id };
    return own.state === 'learner' ? { kind: 'promote', id: own.id } : { kind: 'wait' };
  }
  // Removed by somebody: it ends by itself.
  if (standing.state !== 'joining') return { kind: 'wait' };
  const before = members.find(({ peerAddress }) => peerAddress === place.peerAddress);
  return before === undefined ? { kind: 'add', nonce: standing.nonce } : { kind: 'remove', id: before.id };
}
