import { type Life, type Message, MessageType, type Parcel, type SimulatedMember } from '@aegis/replica/sim';

import type { History } from './history.js';
import type { Report } from './verdict.js';

/**
 * What a member says to others it must be able to keep, whatever becomes of it a moment later: one vote a term (§5.2), on disk
 * before it is given, to a log at least as good as the own (§5.4.1); entries on disk before they are acknowledged; and an
 * index announced as committed ends in the leader's own term, or was committed before (§5.4.2).
 */
export class PromiseCheck {
  readonly #report: Report;
  readonly #members: readonly SimulatedMember[];
  readonly #history: History;
  /** Who got the vote, by `voter/term`. */
  readonly #votes = new Map<string, number>();
  /** Requests that came to a log which is not better than theirs, by `voter/term/candidate`. */
  readonly #entitled = new Set<string>();
  /** The largest index that a leader may have announced. */
  #committed = 0;

  constructor(report: Report, members: readonly SimulatedMember[], history: History) {
    this.#report = report;
    this.#members = members;
    this.#history = history;
  }

  /** Before its receiver has it. */
  arriving({ messages }: Parcel): void {
    for (const m of messages) if (m.type === MessageType.MsgVote) this.#asked(m);
  }

  leaving({ from, messages }: Parcel): void {
    const life = this.#life(from);
    if (life === undefined) return;
    for (const m of messages) {
      switch (m.type) {
        case MessageType.MsgVoteResp:
          if (!m.reject) this.#voted(m, life);
          break;
        case MessageType.MsgAppResp:
          if (!m.reject) this.#acknowledged(m, life);
          break;
        case MessageType.MsgApp:
        case MessageType.MsgHeartbeat:
          if (m.commit > this.#committed) this.#announced(m, life);
          break;
        default:
      }
    }
  }

  #life(id: number): Life | undefined {
    return this.#members.find((member) => member.id === id)?.life;
  }

  #asked({ from, to, term, logTerm, index }: Message): void {
    const life = this.#life(to);
    if (life === undefined) return;
    const { lastIndex } = life.raft.basicStatus();
    const lastTerm = life.raft.termAt(lastIndex) ?? 0;
    const better = lastTerm > logTerm || (lastTerm === logTerm && lastIndex > index);
    if (!better) this.#entitled.add(`${to}/${term}/${from}`);
  }

  #voted({ from, to, term }: Message, { log }: Life): void {
    const vote = `${from}/${term}`;
    const before = this.#votes.get(vote) ?? to;
    this.#votes.set(vote, before);
    if (before !== to)
      this.#report(
        'one vote a term',
        `in term ${term} member ${from} votes for ${to}; it voted for ${before}`,
        [from],
      );
    if (!this.#entitled.has(`${vote}/${to}`))
      this.#report(
        'votes go to logs that are as good',
        `in term ${term} member ${from} votes for ${to}, whose log ends before its own`,
        [from, to],
      );
    const { term: inTerm, vote: onDisk } = log.hardState;
    if (inTerm > term || (inTerm === term && onDisk === to)) return;
    const seen = `in term ${term} member ${from} votes for ${to}; its disk knows term ${inTerm}, vote ${onDisk}`;
    this.#report('votes are on disk', seen, [from]);
  }

  /** Whoever is in a later term may have given the entries up: the older leader cannot count them for long. */
  #acknowledged({ from, to, term, index }: Message, { log }: Life): void {
    if (log.hardState.term !== term || log.lastIndex() >= index) return;
    const seen = `in term ${term} member ${from} acknowledges entries up to ${index} to ${to}; its disk has them up to ${log.lastIndex()}`;
    this.#report('acknowledged entries are on disk', seen, [from]);
  }

  #announced({ from, term, commit }: Message, { raft }: Life): void {
    if (commit <= this.#history.last || raft.termAt(commit) === term) {
      this.#committed = commit;
      return;
    }
    const seen = `the leader ${from} of term ${term} announces ${commit} as committed, an entry of term ${raft.termAt(commit)}`;
    this.#report('older terms are not committed by counting', seen, [from]);
  }
}
