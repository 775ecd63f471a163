/** What the pod of a place says of its data folder, or that it says nothing. */
export type Folder =
  /** No answer: no pod, or it starts, hangs, or cannot be reached. */
  | { readonly state: 'silent' }
  /** New, while there is no record of the first members. */
  | { readonly state: 'empty'; readonly nonce: string }
  /** New, and nobody's: the record and the membership do not know its nonce. */
  | { readonly state: 'joining'; readonly nonce: string }
  | { readonly state: 'member'; readonly nonce: string; readonly id: number };

/** One place: a pod of the StatefulSet by its ordinal, and the volume that belongs to it. */
export interface Place {
  readonly ordinal: number;
  readonly pod: boolean;
  /** It is going away. */
  readonly terminating: boolean;
  readonly folder: Folder;
  /** It knows a leader and has caught up. */
  readonly ready: boolean;
  /** It runs what is wanted now: image, settings of its own, certificates' mounts. */
  readonly current: boolean;
  /** Milliseconds since its container runs; undefined: it does not. */
  readonly runningMs: number | undefined;
  readonly volume: boolean;
}

/** A member, as the leader tells. */
export interface MemberSeen {
  readonly id: number;
  readonly ordinal: number;
  readonly nonce: string;
  readonly state: 'voter' | 'learner' | 'entering' | 'leaving';
  /** The leader has heard of it within an election timeout. */
  readonly active: boolean;
  /** It has nearly all of the leader's log. */
  readonly caughtUp: boolean;
}

/** The membership by its leader; there is none while nobody leads. */
export interface Membership {
  readonly leader: number;
  readonly members: readonly MemberSeen[];
}

/** Everything that the next step depends on. Nothing of it is remembered: an operator that was killed sees the same. */
export interface Observed {
  /** How many voters are wanted. */
  readonly size: number;
  /** Whether the record of the first members is there, and how many it lists. */
  readonly record: number | undefined;
  /** Whether the volumes carry a copy of it. */
  readonly recordKept: boolean;
  /** How many pods the StatefulSet keeps; undefined: it is not there yet. */
  readonly replicas: number | undefined;
  readonly places: readonly Place[];
  readonly membership: Membership | undefined;
  /** The places of the voters when a leader was last heard of; undefined: never. */
  readonly lastVoters: readonly number[] | undefined;
  /** The settings that `current` means are those under which the cluster was available last. */
  readonly settingsProven: boolean;
}

export function placeAt({ places }: Observed, ordinal: number): Place | undefined {
  return places.find((place) => place.ordinal === ordinal);
}

/** The nonce that the folder in a place says, if it says one. */
export function nonceOf(place: Place | undefined): string | undefined {
  return place === undefined || place.folder.state === 'silent' ? undefined : place.folder.nonce;
}

export function votes({ state }: MemberSeen): boolean {
  return state === 'voter' || state === 'leaving';
}

export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}
