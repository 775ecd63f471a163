import type { StatusResponse } from '@aegis/proto/v1/cluster';
import type { Cluster } from '../cluster/cluster.js';

/** How long a replica may take to say how it is, in milliseconds. */
const ANSWER_MS = 1_500;

/** A member as it is shown. `-1` and null: not known, because the replica did not answer. */
export interface MemberStatus {
  readonly id: number;
  readonly name: string;
  readonly pid: number | null;
  /** Where clients reach it. */
  readonly address: string;
  readonly metrics: string;
  /** "leader", "follower", "candidate", "pre-candidate", "learner", or "unreachable". */
  readonly role: string;
  readonly term: number;
  readonly commit: number;
  readonly applied: number;
  /** It answers and knows a leader. */
  readonly healthy: boolean;
}

export interface ClusterStatus {
  /** The leader's id; null: no replica that answered knows one. */
  readonly leader: number | null;
  readonly term: number;
  readonly profile: string;
  readonly clusterId: string;
  readonly leases: number;
  readonly locks: number;
  readonly members: readonly MemberStatus[];
}

/** A member that is known without asking: from the folder of a cluster on this machine. */
export interface KnownMember {
  readonly id: number;
  readonly name: string;
  readonly clientAddress: string;
  readonly metricsAddress: string;
  readonly pid: number | null;
}

/**
 * Asks every replica how it is. None of the answers needs a quorum.
 * @param known members that are listed even if nobody answers
 */
export async function collectStatus(
  cluster: Cluster,
  known: readonly KnownMember[] = [],
): Promise<ClusterStatus> {
  const answers = new Map<string, StatusResponse>();
  const ask = async (endpoints: readonly string[] | undefined): Promise<void> => {
    for (const answer of await cluster.statuses(ANSWER_MS, endpoints)) {
      if ('status' in answer) answers.set(answer.endpoint, answer.status);
    }
  };
  await ask(known.length > 0 ? known.map(({ clientAddress }) => clientAddress) : undefined);
  const newest = [...answers.values()].reduce<StatusResponse | undefined>(
    (best, status) => (best === undefined || isNewer(status, best) ? status : best),
    undefined,
  );
  const listed = membersOf(newest, known);
  // Endpoints that were given by hand may be only some of the members.
  const asked = new Set([...answers.values()].map(({ memberId }) => memberId));
  const missing = listed.filter(({ id }) => !asked.has(id)).map(({ clientAddress }) => clientAddress);
  if (known.length === 0 && missing.length > 0) await ask(missing);
  return summary([...answers.values()], listed);
}

/** Knows more of the log: a replica that lags behind may list members that were. */
function isNewer(a: StatusResponse, b: StatusResponse): boolean {
  return a.term === b.term ? a.appliedIndex > b.appliedIndex : a.term > b.term;
}

/** What the cluster says of its members, and the known places that have none now: one that is being replaced, say. */
function membersOf(newest: StatusResponse | undefined, known: readonly KnownMember[]): KnownMember[] {
  const places = new Map(known.map((member) => [member.name, member]));
  const members = (newest?.members ?? []).map(({ id, name, clientAddress, metricsAddress }) => {
    const pid = places.get(name)?.pid ?? null;
    places.delete(name);
    return { id, name, clientAddress, metricsAddress, pid };
  });
  return [...members, ...places.values()].sort((a, b) => a.id - b.id);
}

function summary(answers: readonly StatusResponse[], listed: readonly KnownMember[]): ClusterStatus {
  const byId = new Map(answers.map((status) => [status.memberId, status]));
  const term = Math.max(0, ...answers.map((status) => status.term));
  // Only those of the newest term know who leads now; the others may name a leader that was.
  const leader = answers.find((status) => status.term === term && status.leaderId !== 0)?.leaderId ?? null;
  const best = answers.find(({ memberId }) => memberId === leader) ?? answers[0];
  return {
    leader,
    term,
    profile: best?.profile ?? '',
    clusterId: best?.clusterId ?? '',
    leases: best?.leases ?? 0,
    locks: best?.locks ?? 0,
    members: listed.map((member) => memberStatus(member, byId.get(member.id))),
  };
}

function memberStatus(member: KnownMember, status: StatusResponse | undefined): MemberStatus {
  const { id, name, clientAddress: address, metricsAddress: metrics } = member;
  if (status === undefined) {
    const unknown = { role: 'unreachable', term: -1, commit: -1, applied: -1, healthy: false };
    return { id, name, pid: member.pid, address, metrics, ...unknown };
  }
  return {
    id,
    name,
    pid: status.pid,
    address,
    metrics,
    role: status.role,
    term: status.term,
    commit: status.commitIndex,
    applied: status.appliedIndex,
    healthy: status.leaderId !== 0,
  };
}
