import type { AddLearner } from '@aegis/proto/replica/membership';
import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';
import type { KnownChange } from './decode.js';
import type { ConfState, MemberRecord, Membership } from './membership.js';

/** What a change does to the configuration of the core. */
export type CoreChange =
  | { readonly kind: 'learner' | 'voter' | 'remove'; readonly id: number }
  | { readonly kind: 'replace'; readonly promoted: number; readonly removed: number }
  | { readonly kind: 'leave' };

export interface Planned {
  /** The member that is added, promoted or removed. */
  readonly memberId: number;
  /** Undefined: the membership is as asked already. */
  readonly core: CoreChange | undefined;
  readonly membership: Membership;
}

export type Plan = Planned | { readonly error: Failure };

/** Learners included. */
const MEMBERS_MAX = 15;

/**
 * What a change makes of a membership, by nothing but the two: the leader asks before it proposes, and every replica when it
 * applies.
 */
export function planChange(membership: Membership, op: KnownChange['change']): Plan {
  switch (op.$case) {
    case 'addLearner':
      return planLearner(membership, op.value);
    case 'promote':
      return planPromotion(membership, op.value.id);
    case 'remove':
      return planRemoval(membership, op.value.id);
    case 'replace':
      return planReplacement(membership, op.value.promoted, op.value.removed);
  }
}

/** A joint configuration is left: the outgoing half goes. */
export function leaveJoint(membership: Membership): Planned | undefined {
  const { voters, learners, votersOutgoing, learnersNext } = membership.confState;
  if (votersOutgoing.length === 0) return undefined;
  const confState = simple(voters, [...learners, ...learnersNext]);
  return planned(membership, 0, { kind: 'leave' }, confState);
}

/** Whether this id was a member's that is gone: it is never given again. */
export function isRemoved({ members, nextMemberId }: Membership, id: number): boolean {
  return id < nextMemberId && !members.some((member) => member.id === id);
}

function planLearner(membership: Membership, asked: AddLearner): Plan {
  const { members, confState, removedNonces, nextMemberId: id } = membership;
  const { nonce } = asked;
  if (removedNonces.includes(nonce)) return { error: errorOf('FOLDER_REMOVED', { nonce }) };
  const known = members.find((member) => member.nonce === nonce);
  if (known !== undefined) return planKnown(membership, asked, known);
  if (isJoint(confState)) return { error: errorOf('MEMBERSHIP_BUSY', {}) };
  const collision = findCollision(members, asked);
  if (collision !== undefined) return { error: collision };
  if (members.length >= MEMBERS_MAX) {
    const size = `${members.length} members`;
    return { error: errorOf('TOO_LARGE', { what: 'The cluster', size, limit: MEMBERS_MAX }) };
  }
  const { name, peerAddress, clientAddress, metricsAddress } = asked;
  const member = { id, nonce, name, peerAddress, clientAddress, metricsAddress, learner: true };
  const grown = { ...membership, members: [...members, member], nextMemberId: id + 1 };
  const learners = [...confState.learners, id];
  return planned(grown, id, { kind: 'learner', id }, { ...confState, learners });
}

/** Asked again, it is answered the same; with other addresses it is not the same. */
function planKnown(membership: Membership, asked: AddLearner, known: MemberRecord): Plan {
  const same = UNIQUE.every((field) => known[field] === asked[field]);
  if (same) return { memberId: known.id, core: undefined, membership };
  return { error: errorOf('MEMBER_EXISTS', { what: 'nonce', value: known.nonce, member: known.id }) };
}

const ADDRESSES = ['peerAddress', 'clientAddress', 'metricsAddress'] as const;
const UNIQUE = ['name', ...ADDRESSES] as const;

function findCollision(members: readonly MemberRecord[], asked: AddLearner): Failure | undefined {
  for (const member of members) {
    const taken = ADDRESSES.map((field) => member[field]);
    const field = ADDRESSES.find((each) => taken.includes(asked[each]));
    if (field !== undefined) {
      return errorOf('MEMBER_EXISTS', { what: 'address', value: asked[field], member: member.id });
    }
    if (member.name === asked.name) {
      return errorOf('MEMBER_EXISTS', { what: 'name', value: asked.name, member: member.id });
    }
  }
  return undefined;
}

function planPromotion(membership: Membership, id: number): Plan {
  const { confState, members } = membership;
  if (!members.some((member) => member.id === id))
    return { error: errorOf('MEMBER_NOT_FOUND', { member: id }) };
  if (isJoint(confState)) return { error: errorOf('MEMBERSHIP_BUSY', {}) };
  if (confState.voters.includes(id)) return { memberId: id, core: undefined, membership };
  const next = simple([...confState.voters, id], without(confState.learners, id));
  return planned(membership, id, { kind: 'voter', id }, next);
}

function planRemoval(membership: Membership, id: number): Plan {
  const { confState, members } = membership;
  if (!members.some((member) => member.id === id))
    return { error: errorOf('MEMBER_NOT_FOUND', { member: id }) };
  if (isJoint(confState)) return { error: errorOf('MEMBERSHIP_BUSY', {}) };
  const { voters, learners } = confState;
  if (voters.includes(id) && voters.length === 1) return { error: errorOf('LAST_VOTER', { member: id }) };
  const next = simple(without(voters, id), without(learners, id));
  return planned(membership, id, { kind: 'remove', id }, next);
}

function planReplacement(membership: Membership, promoted: number, removed: number): Plan {
  const { confState, members } = membership;
  const { voters, learners } = confState;
  const ids = members.map(({ id }) => id);
  if (!ids.includes(promoted)) return { error: errorOf('MEMBER_NOT_FOUND', { member: promoted }) };
  if (isJoint(confState)) return { error: errorOf('MEMBERSHIP_BUSY', {}) };
  if (voters.includes(promoted) && isRemoved(membership, removed)) {
    return { memberId: promoted, core: undefined, membership };
  }
  if (!ids.includes(removed)) return { error: errorOf('MEMBER_NOT_FOUND', { member: removed }) };
  if (!voters.includes(removed) || !learners.includes(promoted)) {
    const member = voters.includes(removed) ? promoted : removed;
    return { error: errorOf('NOT_A_VOTER', { member }) };
  }
  const next = {
    voters: [...without(voters, removed), promoted],
    learners: without(learners, promoted),
    votersOutgoing: voters,
    learnersNext: [],
    autoLeave: true,
  };
  return planned(membership, promoted, { kind: 'replace', promoted, removed }, next);
}

/** Who has no part in the configuration any more is gone, and its folder is remembered. */
function planned(from: Membership, memberId: number, core: CoreChange, confState: ConfState): Planned {
  const { voters, learners, votersOutgoing, learnersNext } = confState;
  const part = new Set([...voters, ...learners, ...votersOutgoing, ...learnersNext]);
  const staying = from.members.filter(({ id }) => part.has(id));
  const gone = from.members.filter(({ id }) => !part.has(id));
  const membership = {
    ...from,
    confState,
    members: staying.map((member) => ({ ...member, learner: learners.includes(member.id) })),
    removedNonces: [...from.removedNonces, ...gone.map(({ nonce }) => nonce)],
  };
  return { memberId, core, membership };
}

function simple(voters: readonly number[], learners: readonly number[]): ConfState {
  return { voters, learners, votersOutgoing: [], learnersNext: [], autoLeave: false };
}

export function isJoint({ votersOutgoing }: ConfState): boolean {
  return votersOutgoing.length > 0;
}

function without(ids: readonly number[], id: number): number[] {
  return ids.filter((each) => each !== id);
}
