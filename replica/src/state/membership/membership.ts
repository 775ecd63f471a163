import { MembershipRow } from '@aegis/proto/replica/state';
import { assert } from '../assert.js';

/** Raft's view of a configuration, as the consensus core takes it. */
export interface ConfState {
  readonly voters: readonly number[];
  readonly learners: readonly number[];
  readonly votersOutgoing: readonly number[];
  readonly learnersNext: readonly number[];
  readonly autoLeave: boolean;
}

export interface MemberRecord {
  /** Given once, never reused. */
  readonly id: number;
  /** What the member's empty folder drew; names that life of the folder. */
  readonly nonce: string;
  readonly name: string;
  readonly peerAddress: string;
  readonly clientAddress: string;
  readonly metricsAddress: string;
  readonly learner: boolean;
}

/** Who belongs to the cluster: replicated state, byte-identical on every member. */
export interface Membership {
  /** Drawn once; a replica refuses peers and folders of another cluster. */
  readonly clusterId: string;
  /** Kept in the order of their ids. */
  readonly members: readonly MemberRecord[];
  readonly confState: ConfState;
  /** Folders that were removed and are refused for ever. */
  readonly removedNonces: readonly string[];
  /** Larger than every id ever given. */
  readonly nextMemberId: number;
}

/** One order for what is a set, so that members that gathered it in different ones still hold the same bytes. */
export function encodeMembership(membership: Membership): Uint8Array {
  const { clusterId, members, confState, removedNonces, nextMemberId } = membership;
  assert(clusterId !== '', 'a membership names its cluster');
  assert(new Set(members.map(({ id }) => id)).size === members.length, 'member ids are unique');
  assert(
    members.every(({ id }) => id > 0 && id < nextMemberId),
    'member ids are below the next one',
  );
  return MembershipRow.encode({
    clusterId,
    members: [...members].sort((a, b) => a.id - b.id),
    confState: {
      voters: inOrder(confState.voters),
      learners: inOrder(confState.learners),
      votersOutgoing: inOrder(confState.votersOutgoing),
      learnersNext: inOrder(confState.learnersNext),
      autoLeave: confState.autoLeave,
    },
    removedNonces: [...removedNonces].sort(),
    nextMemberId,
  }).finish();
}

export function decodeMembership(value: Uint8Array): Membership {
  const { confState, ...rest } = MembershipRow.decode(value);
  assert(confState !== undefined, 'a stored membership has a configuration');
  return { ...rest, confState };
}

/** Everybody who has a part in it. */
export function idsOf({ confState }: Membership): ReadonlySet<number> {
  const { voters, learners, votersOutgoing, learnersNext } = confState;
  return new Set([...voters, ...learners, ...votersOutgoing, ...learnersNext]);
}

function inOrder(ids: readonly number[]): number[] {
  return [...ids].sort((a, b) => a - b);
}
