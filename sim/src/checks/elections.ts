import { MessageType, type Parcel, type SimulatedMember, StateType } from '@aegis/replica/sim';

import type { History } from './history.js';
import { hasQuorum, votersOf } from './quorum.js';
import type { Report } from './verdict.js';

/**
 * At most one leader a term; a leader has every entry committed before its term; a term rises only by a candidate whom a quorum
 * would vote for, or who was told to stand; a leader that hears from no quorum steps down.
 */
export class ElectionCheck {
  readonly #report: Report;
  readonly #members: readonly SimulatedMember[];
  readonly #history: History;
  readonly #nowMs: () => number;
  readonly #leaders = new Map<number, number>();
  /** Pre-votes that arrived, by candidate: term → who granted. */
  readonly #preVotes = new Map<number, Map<number, Set<number>>>();
  /** The term of the leader that told a member to stand. */
  readonly #toldToStand = new Map<number, number>();
  /** When something from one member arrived at another last: by the one that heard, and by the one that was heard. */
  readonly #heardAt = new Map<number, Map<number, number>>();
  readonly #leadsSince = new Map<number, number>();
  /** The smallest term in which an index was known to be committed. */
  readonly #committedIn: number[] = [];

  constructor(report: Report, members: readonly SimulatedMember[], history: History, nowMs: () => number) {
    this.#report = report;
    this.#members = members;
    this.#history = history;
    this.#nowMs = nowMs;
  }

  /** The process of a member has ended: what it heard before does not count. */
  forget(member: number): void {
    this.#preVotes.delete(member);
    this.#toldToStand.delete(member);
    this.#leadsSince.delete(member);
  }

  /** It stood still, and could hear nothing. */
  awake(member: number): void {
    if (this.#leadsSince.has(member)) this.#leadsSince.set(member, this.#nowMs());
  }

  arriving({ from, to, messages }: Parcel): void {
    let heard = this.#heardAt.get(to);
    if (heard === undefined) this.#heardAt.set(to, (heard = new Map()));
    heard.set(from, this.#nowMs());
    for (const message of messages) {
      if (message.type === MessageType.MsgPreVoteResp && !message.reject)
        this.#preVote(to, message.term, from);
      if (message.type === MessageType.MsgTimeoutNow) this.#toldToStand.set(to, message.term);
    }
  }

  roleChanged(member: number, role: StateType, term: number): void {
    if (role !== StateType.Leader) this.#leadsSince.delete(member);
    if (role === StateType.Candidate) this.#candidate(member, term);
    if (role === StateType.Leader) this.#leader(member, term);
  }

  /** A member in `term` knows that everything up to `index` is committed. */
  commits(index: number, term: number): void {
    for (let at = this.#committedIn.length; at < index; at++) this.#committedIn.push(term);
  }

  /** Who leads still hears from a quorum. Looked at now and then. */
  full(): void {
    const now = this.#nowMs();
    for (const { id, life, settings } of this.#members) {
      const since = this.#leadsSince.get(id);
      if (life === undefined || since === undefined) continue;
      // Whoever stands still, or is behind with its work, counts its time later.
      if (life.environment.paused || life.environment.workedMs > 1) {
        this.awake(id);
        continue;
      }
      const window = 2.5 * settings.electionTimeoutMs + 200;
      if (now - since < window) continue;
      const heard = (from: number): boolean =>
        from === id || now - (this.#heardAt.get(id)?.get(from) ?? -1) < window;
      const voters = votersOf(life.state);
      if (hasQuorum(voters, heard)) continue;
      this.#report(
        'check-quorum',
        `member ${id} still leads, and has heard from no quorum for ${Math.round(window)} ms`,
        [id],
      );
    }
  }

  /**
   * A grant names the term that the election would have. A late one of an earlier campaign, of what has become the own term, counts
   * for the campaign at hand, as it does in etcd's library: that a term rises too easily now and then breaks no promise.
   */
  #preVote(candidate: number, asked: number, from: number): void {
    const own = this.#members.find(({ id }) => id === candidate)?.life?.raft.basicStatus().term;
    const term = asked === own ? own + 1 : asked;
    const terms = this.#preVotes.get(candidate) ?? new Map<number, Set<number>>();
    this.#preVotes.set(candidate, terms);
    terms.set(term, (terms.get(term) ?? new Set()).add(from));
  }

  #candidate(member: number, term: number): void {
    if (this.#toldToStand.get(member) === term - 1) return;
    const { life } = this.#members.find(({ id }) => id === member)!;
    if (life === undefined) return;
    const granted = this.#preVotes.get(member)?.get(term);
    const votes = (voter: number): boolean => voter === member || granted?.has(voter) === true;
    if (hasQuorum(votersOf(life.state), votes)) return;
    this.#report(
      'pre-vote',
      `member ${member} raised its term to ${term} with the pre-votes of ${[...(granted ?? [])].join(', ') || 'nobody'}`,
      [member],
    );
  }

  #leader(member: number, term: number): void {
    this.#leadsSince.set(member, this.#nowMs());
    const known = this.#leaders.get(term);
    if (known !== undefined && known !== member)
      this.#report('one leader a term', `members ${known} and ${member} both lead term ${term}`, [
        known,
        member,
      ]);
    if (known !== undefined) return;
    this.#leaders.set(term, member);
    this.#completeness(member, term);
  }

  #completeness(member: number, term: number): void {
    const { life } = this.#members.find(({ id }) => id === member)!;
    if (life === undefined) return;
    // The newest entry committed in an earlier term: whoever has it has those before it.
    let index = Math.min(this.#committedIn.length, this.#history.last);
    while (index > 0 && this.#committedIn[index - 1]! >= term) index--;
    if (index === 0) return;
    const expected = this.#history.at(index)!.term;
    const { firstIndex, lastIndex } = life.raft.basicStatus();
    const has = index < firstIndex || life.raft.termAt(index) === expected;
    if (has) return;
    this.#report(
      'leader completeness',
      `member ${member} leads term ${term}; its log ends at ${lastIndex} and lacks ${index} of term ${expected}, committed before`,
      [member],
    );
  }
}
