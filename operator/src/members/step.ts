/** The one thing to be done next for the members of a cluster. Each can be done again without harm. */
export type Step =
  /** The StatefulSet keeps so many pods. */
  | { readonly kind: 'scale'; readonly replicas: number }
  /** Records the first members, by ordinal, for ever. */
  | { readonly kind: 'record'; readonly nonces: readonly string[] }
  /** Records them again, from the copy that the volumes carry. */
  | { readonly kind: 'restore-record' }
  | { readonly kind: 'add'; readonly ordinal: number; readonly nonce: string }
  | { readonly kind: 'promote'; readonly id: number; readonly ordinal: number }
  | { readonly kind: 'remove'; readonly id: number; readonly ordinal: number; readonly why: RemovalReason }
  | { readonly kind: 'transfer'; readonly to: number; readonly why: 'Shrink' | 'Roll' }
  /** By eviction, so that a drain of a node counts; `recover`: by deletion, because no quorum is there to be kept. */
  | { readonly kind: 'restart'; readonly ordinal: number; readonly recover: boolean }
  | { readonly kind: 'delete-volume'; readonly ordinal: number }
  /** The new settings keep a member from coming back: those that were healthy last are wanted again. */
  | { readonly kind: 'roll-back'; readonly ordinal: number }
  | { readonly kind: 'wait'; readonly reason: WaitReason; readonly message: string }
  /** Hands off: a person has to decide. */
  | { readonly kind: 'stuck'; readonly reason: 'DataLost' | 'RecordLost'; readonly message: string }
  | { readonly kind: 'done' };

export type RemovalReason = 'LostVolume' | 'Shrink' | 'Abandoned';

export type WaitReason =
  'FirstMembers' | 'NoLeader' | 'CatchingUp' | 'PodNotReady' | 'NoQuorumWithout' | 'RollHeldUp' | 'Restoring';

export function wait(reason: WaitReason, message: string): Step {
  return { kind: 'wait', reason, message };
}
