import type { ClusterStatus, MemberStatus } from '../status/collect.js';
import { merged, percentilesSince, type Percentiles } from './histogram.js';
import type { Look } from './look.js';
import type { NumberName, Telemetry } from './telemetry.js';
import type { TopIncident, TopMember, TopView } from './view.js';

/** Makes views out of looks: what has changed since the look before, and who has been away for how long. */
export class Following {
  #before: Look | undefined;
  readonly #awaySinceMs = new Map<number, number>();

  take(look: Look, incidents: readonly TopIncident[] | null): TopView {
    const view = this.#viewOf(look, incidents);
    this.#before = look;
    return view;
  }

  #viewOf(look: Look, incidents: readonly TopIncident[] | null): TopView {
    const { status, telemetry } = look;
    const members = status.members.map((member) => this.#memberOf(member, look));
    const leading = status.leader === null ? undefined : telemetry.get(status.leader);
    // All have applied nearly the same; without a leader whoever answers may tell.
    const told = (leading ?? [...telemetry.values()][0])?.numbers;
    const { leases, claimed, elections, waiters } = told ?? {};
    return {
      at: new Date().toISOString(),
      leader: status.leader,
      term: status.term,
      profile: status.profile,
      clusterId: status.clusterId,
      leases: leases ?? heldOf(status, 'leases'),
      locks: claimed === undefined ? heldOf(status, 'locks') : claimed - (elections ?? 0),
      elections: elections ?? null,
      waiters: waiters ?? null,
      watches: sum([...telemetry.values()].map(({ numbers }) => numbers.watches ?? null)),
      pending: sum([...telemetry.values()].map(({ numbers }) => numbers.pending ?? null)),
      writesPerSecond: status.leader === null ? null : this.#rate(status.leader, leading, 'commands'),
      operationsPerSecond: sum([...telemetry].map(([id, page]) => this.#rate(id, page, 'operations'))),
      members,
      incidents,
    };
  }

  #memberOf(member: MemberStatus, { atMs, telemetry }: Look): TopMember {
    const { id, name, role } = member;
    const page = telemetry.get(id);
    const away = role === 'unreachable' && page === undefined;
    if (!away) this.#awaySinceMs.delete(id);
    else if (!this.#awaySinceMs.has(id)) this.#awaySinceMs.set(id, atMs);
    const numbers = page?.numbers ?? {};
    const { eventLoopP99: p99 = 0, eventLoopMax: max = 0 } = numbers;
    return {
      id,
      name,
      role: role === 'unreachable' ? (roleOf(page) ?? role) : role,
      away,
      awaySeconds: away ? Math.floor((atMs - this.#awaySinceMs.get(id)!) / 1_000) : null,
      term: numbers.term ?? known(member.term),
      lastIndex: numbers.lastIndex ?? null,
      commitIndex: numbers.commitIndex ?? known(member.commit),
      appliedIndex: numbers.appliedIndex ?? known(member.applied),
      perSecond: {
        last: this.#rate(id, page, 'lastIndex'),
        commit: this.#rate(id, page, 'commitIndex'),
        applied: this.#rate(id, page, 'appliedIndex'),
      },
      ...this.#times(id, page),
      // Nobody has read a whole page yet.
      eventLoopMs: max === 0 ? null : { p99: milliseconds(p99), max: milliseconds(max) },
      memoryBytes: numbers.memoryBytes ?? null,
    };
  }

  #times(id: number, page: Telemetry | undefined): Pick<TopMember, 'fsyncMs' | 'roundTripMs' | 'links'> {
    if (page === undefined) return { fsyncMs: null, roundTripMs: null, links: {} };
    const before = this.#before?.telemetry.get(id);
    const { fsync, roundTrips } = page;
    const links: Record<string, Percentiles> = {};
    for (const [to, now] of roundTrips) {
      const found = percentilesSince(before?.roundTrips.get(to), now);
      if (found !== null) links[to] = found;
    }
    return {
      fsyncMs: percentilesSince(before?.fsync, fsync),
      roundTripMs: percentilesSince(
        before === undefined ? undefined : merged([...before.roundTrips.values()]),
        merged([...roundTrips.values()]),
      ),
      links,
    };
  }

  /** Null: there is no look before, or the process began anew since. */
  #rate(id: number, page: Telemetry | undefined, name: NumberName): number | null {
    const before = this.#before?.telemetry.get(id);
    const [now, then] = [page?.numbers[name], before?.numbers[name]];
    if (page === undefined || before === undefined || now === undefined || then === undefined) return null;
    const seconds = (page.atMs - before.atMs) / 1_000;
    return now < then || seconds <= 0 ? null : Math.round(((now - then) / seconds) * 10) / 10;
  }
}

/** Of one whose client port does not answer, while its telemetry does. */
function roleOf(page: Telemetry | undefined): string | undefined {
  if (page === undefined) return undefined;
  return page.numbers.leads === 1 ? 'leader' : page.numbers.knowsLeader === 1 ? 'follower' : 'no leader';
}

function heldOf(status: ClusterStatus, what: 'leases' | 'locks'): number | null {
  return status.members.some(({ role }) => role !== 'unreachable') ? status[what] : null;
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1_000_000) / 1_000;
}

function known(value: number): number | null {
  return value < 0 ? null : value;
}

function sum(values: readonly (number | null)[]): number | null {
  const told = values.filter((value) => value !== null);
  return told.length === 0 ? null : told.reduce((total, value) => total + value, 0);
}
