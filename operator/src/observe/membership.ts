import type { Member, StatusResponse } from '@aegis/proto/v1/cluster';
import { namesOf } from '../build/names.js';
import type { MemberSeen, Membership } from '../members/observed.js';
import { ordinalOf, type PodSeen } from './look.js';

/** A learner that lacks no more than this follows closely enough to vote: the members themselves demand no less. */
const LAG_ENTRIES_MAX = 1_000;

/** Members that somebody added under a name that is no pod's: beyond every place that is wanted. */
const FOREIGN_PLACES = 1_000_000;

export interface LeaderSeen {
  readonly pod: PodSeen;
  readonly status: StatusResponse;
}

/** Who leads, by its own word; of two that both say so, the one of the later term does. */
export function leaderOf(pods: readonly PodSeen[]): LeaderSeen | undefined {
  return pods
    .flatMap((pod) => (pod.status?.role === 'leader' ? [{ pod, status: pod.status }] : []))
    .toSorted((a, b) => b.status.term - a.status.term)[0];
}

export function membershipOf(cluster: string, leader: LeaderSeen | undefined): Membership | undefined {
  if (leader === undefined) return undefined;
  const { memberId, members, lastIndex } = leader.status;
  return {
    leader: memberId,
    members: members.map((member) => memberOf(cluster, member, memberId, lastIndex)),
  };
}

function memberOf(cluster: string, member: Member, leader: number, lastIndex: number): MemberSeen {
  const { id, name, nonce, state, recentlyActive, matchIndex } = member;
  const active = id === leader || recentlyActive;
  return {
    id,
    ordinal: ordinalOf(namesOf(cluster).pod, name) ?? FOREIGN_PLACES + id,
    nonce,
    state: state as MemberSeen['state'],
    active,
    caughtUp: active && matchIndex > 0 && lastIndex - matchIndex <= LAG_ENTRIES_MAX,
  };
}
