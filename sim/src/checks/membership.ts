import type { Membership, StateMachine } from '@aegis/replica/sim';

import type { Committed, EntryCheck } from './history.js';
import { hasQuorum, type Quorums, quorumsOf } from './quorum.js';
import type { Report } from './verdict.js';

/** A learner that lacks more than this is not counted on. Written down once more, as all that is checked. */
const LAG_ENTRIES_MAX = 1000;

/** A configuration and the entry that put it in force; 0 for the first. */
interface InForce {
  readonly index: number;
  readonly atMs: number;
  readonly quorums: Quorums;
}

export interface MembershipCheckParts {
  readonly report: Report;
  readonly first: Membership;
  /** The newest entry that a member's disk holds; undefined: it never ran. */
  readonly reach: (member: number) => number | undefined;
  /** Members that will never take part again. */
  readonly lost: () => { has(id: number): boolean };
}

/**
 * Changes of the membership: quorums of successive configurations overlap; one change at a time; ids are given once, each to one
 * folder, and neither comes back after a removal; who becomes a voter was a learner with the log; and what is left of the voters
 * can decide. And who was told that a change is in force finds it so.
 */
export class MembershipCheck implements EntryCheck {
  readonly #parts: MembershipCheckParts;
  readonly #configurations: InForce[];
  readonly #idOf = new Map<string, number>();
  /** The newest change that was proposed in a term. */
  readonly #proposed = new Map<number, number>();
  /** The entry that removed a member. */
  readonly #removedAt = new Map<number, number>();
  /** The newest change that a member has applied, in any of its lives. */
  readonly #applied = new Map<number, number>();
  current: Membership;

  constructor(parts: MembershipCheckParts) {
    this.#parts = parts;
    this.current = parts.first;
    this.#configurations = [{ index: 0, atMs: 0, quorums: quorumsOf(parts.first.confState) }];
    for (const { nonce, id } of parts.first.members) this.#idOf.set(nonce, id);
  }

  /** Whose majorities decide about an entry: as of all changes before it, and as of all but the newest of them. */
  inForce(index: number): { readonly now: Quorums; readonly before: Quorums; readonly since: number } {
    const all = this.#configurations;
    let at = all.length - 1;
    while (all[at]!.index >= index) at--;
    const { quorums: now, index: since } = all[at]!;
    return { now, before: all[at - 1]?.quorums ?? now, since };
  }

  /** Those that were in force at or after a moment. */
  recent(sinceMs: number): Quorums[] {
    const all = this.#configurations;
    return all.filter((_, at) => (all[at + 1]?.atMs ?? Infinity) >= sinceMs).map(({ quorums }) => quorums);
  }

  /** A member has applied a change, or a snapshot of that index. */
  applied(member: number, index: number): void {
    this.#applied.set(member, index);
  }

  /** A member ends as removed; `knew`: by its own log it was. Then most of the others must know it. */
  ended(id: number, knew: boolean): void {
    const index = this.#removedAt.get(id);
    const knows = (voter: number): boolean => (this.#applied.get(voter) ?? 0) >= index!;
    if (index === undefined)
      this.#parts.report('who is removed ends', `member ${id} ends, and is a member`, [id]);
    else if (knew && !hasQuorum(this.inForce(index + 1).now, knows)) {
      const seen = `member ${id} ends, and few of the others know of its removal at ${index}`;
      this.#parts.report('who is removed ends', seen, [id]);
    }
  }

  /** A leader has appended a change, and had applied that much. */
  proposed(member: number, term: number, index: number, applied: number): void {
    const last = this.#proposed.get(term);
    this.#proposed.set(term, index);
    if (last === undefined || last <= applied) return;
    const seen = `member ${member} appended a change at ${index}; the one at ${last} is not applied yet, but ${applied} is`;
    this.#parts.report('one change at a time', seen, [member]);
  }

  committed({ index, atMs, member, change }: Committed, state: StateMachine): void {
    if (!change) return;
    const [before, after] = [this.current, state.membership!];
    this.current = after;
    if (before === after) return;
    const fail = (invariant: string, seen: string): void =>
      this.#parts.report(invariant, `entry ${index}: ${seen}`, [member]);
    this.#identities(before, after, index, fail);
    this.#quorums(before, after, index, fail);
    const quorums = quorumsOf(after.confState);
    this.#configurations.push({ index, atMs, quorums });
  }

  // ---- what was answered ----

  /** A folder heard which member it is. */
  told(nonce: string, id: number): void {
    if (this.#idOf.get(nonce) === id) return;
    const seen = `the folder ${nonce} was told to be member ${id}; it is ${this.#idOf.get(nonce) ?? 'none'}`;
    this.#parts.report('ids are given once', seen, [id]);
  }

  added(nonce: string, id: number): void {
    this.told(nonce, id);
  }

  promoted(id: number): void {
    const { voters } = this.current.confState;
    // It may be gone again: somebody else may have removed it.
    if (voters.includes(id) || !this.current.members.some((member) => member.id === id)) return;
    this.#parts.report('changes answered are in force', `member ${id} was promoted, and has no vote`, [id]);
  }

  removed(id: number): void {
    if (!this.current.members.some((member) => member.id === id)) return;
    this.#parts.report('changes answered are in force', `member ${id} was removed, and is a member`, [id]);
  }

  // ---- what a change may do ----

  #identities(
    before: Membership,
    after: Membership,
    index: number,
    fail: (invariant: string, seen: string) => void,
  ): void {
    for (const { id, nonce } of after.members) {
      const known = before.members.find((member) => member.id === id);
      if (known === undefined && id < before.nextMemberId)
        fail('ids are given once', `member ${id} is there again, or was never given`);
      if (known !== undefined && known.nonce !== nonce)
        fail('ids are given once', `member ${id} is the folder ${nonce} now, and was ${known.nonce}`);
      if (id >= after.nextMemberId) fail('ids are given once', `member ${id} would be given again`);
      if ((this.#idOf.get(nonce) ?? id) !== id)
        fail('ids are given once', `the folder ${nonce} was member ${this.#idOf.get(nonce)}, and is ${id}`);
      if (before.removedNonces.includes(nonce))
        fail('removed folders are refused', `the folder ${nonce} is back as member ${id}`);
      this.#idOf.set(nonce, id);
    }
    const gone = before.members.filter(({ id }) => !after.members.some((member) => member.id === id));
    for (const { id } of gone) this.#removedAt.set(id, index);
    for (const nonce of [...before.removedNonces, ...gone.map((member) => member.nonce)])
      if (!after.removedNonces.includes(nonce))
        fail('removed folders are refused', `the removed folder ${nonce} is forgotten`);
  }

  #quorums(
    before: Membership,
    after: Membership,
    index: number,
    fail: (invariant: string, seen: string) => void,
  ): void {
    const { reach, lost } = this.#parts;
    const [old, now] = [quorumsOf(before.confState), quorumsOf(after.confState)];
    const text = (quorums: Quorums): string => quorums.map((voters) => voters.join(', ')).join(' and ');
    if (!overlap(old, now)) fail('quorums overlap', `voters ${text(now)} after ${text(old)}`);
    for (const id of after.confState.voters) {
      if (before.confState.voters.includes(id)) continue;
      if (!before.confState.learners.includes(id)) fail('learners first', `member ${id} was no learner`);
      const held = reach(id);
      if (held === undefined || held < index - 2 * LAG_ENTRIES_MAX)
        fail('who votes has caught up', `member ${id} is a voter, its log ends at ${held ?? 'nothing'}`);
    }
    const gone = lost();
    if (hasQuorum(old, (id) => !gone.has(id)) && !hasQuorum(now, (id) => !gone.has(id)))
      fail(
        'the rest can decide',
        `voters ${text(now)}, of which ${now
          .flat()
          .filter((id) => gone.has(id))
          .join(', ')} are lost`,
      );
  }
}

/** Whether no two groups, one of which decides by each, are without a common member. */
function overlap(one: Quorums, other: Quorums): boolean {
  const ids = [...new Set([...one.flat(), ...other.flat()])];
  for (let group = 0; group < 2 ** ids.length; group++) {
    const among = (id: number): boolean => ((group >> ids.indexOf(id)) & 1) === 1;
    if (hasQuorum(one, among) && hasQuorum(other, (id) => !among(id))) return false;
  }
  return true;
}
