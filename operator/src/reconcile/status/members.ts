import type { AegisCluster, AegisClusterStatus } from '@aegis/crds';
import { namesOf } from '../../build/names.js';
import type { PodSeen } from '../../observe/look.js';
import type { Report } from '../report.js';

type MemberStatus = NonNullable<AegisClusterStatus['members']>[number];

/** The members as the leader tells them. While nobody leads they stay listed as they were: it is by them that lost data is judged. */
export function membersOf(
  { metadata, status }: AegisCluster,
  { leader, pods, observed }: Report,
): MemberStatus[] | undefined {
  if (observed === undefined) return status?.members?.map((member) => member);
  if (leader === undefined || pods === undefined)
    // How far behind one is, nobody knows then.
    return status?.members?.map(({ id, pod, role, version }) => ({
      id,
      pod,
      role: role === 'Learner' ? 'Learner' : 'Unknown',
      ready: false,
      ...(version === undefined ? {} : { version }),
    }));
  const { members, lastIndex } = leader.status;
  return observed.membership!.members.map(({ id, ordinal, state, active }) => {
    const told = members.find((member) => member.id === id)!;
    const seen = pods.find((pod) => pod.said?.memberId === id);
    const name = told.name.slice(0, 253);
    return {
      id,
      pod: ordinal < 1_000_000 ? namesOf(metadata.name).pod(ordinal) : name,
      role: roleOf(id === leader.status.memberId, state, active),
      ready: seen?.ready === true,
      lagEntries: Math.max(0, lastIndex - told.matchIndex),
      ...versionOf(seen),
    };
  });
}

function roleOf(leads: boolean, state: string, active: boolean): MemberStatus['role'] {
  if (leads) return 'Leader';
  if (state === 'learner') return 'Learner';
  return active ? 'Follower' : 'Unknown';
}

function versionOf(seen: PodSeen | undefined): { version?: string } {
  const version = seen?.status?.version;
  return version === undefined || version === '' ? {} : { version: version.slice(0, 64) };
}
