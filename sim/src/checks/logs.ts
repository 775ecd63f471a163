import type { Life, SimulatedMember } from '@aegis/replica/sim';

import type { Committed, EntryCheck, History } from './history.js';
import type { MembershipCheck } from './membership.js';
import { hasQuorum } from './quorum.js';
import type { Report } from './verdict.js';

type Log = Life['log'];

/**
 * Log matching: where two logs agree about an index, they agree about all before it; what a member has applied is in its
 * log as the history says. And what is committed is on the disks of a quorum.
 */
export class LogCheck implements EntryCheck {
  readonly #report: Report;
  readonly #members: readonly SimulatedMember[];
  readonly #history: () => History;
  readonly #membership: () => MembershipCheck;
  /**
   * The newest log of a member, also while its process is down: what its disk holds for certain. If it was spoilt since, what it
   * held: its acknowledgements may still be on their way, and it will never vote again.
   */
  readonly #logs = new Map<number, Log>();
  /** Up to where the log of a life has been compared with the history. */
  readonly #compared = new WeakMap<Log, number>();

  constructor(
    report: Report,
    members: readonly SimulatedMember[],
    history: () => History,
    membership: () => MembershipCheck,
  ) {
    this.#report = report;
    this.#members = members;
    this.#history = history;
    this.#membership = membership;
  }

  /**
   * A process has opened its log. Of two changes in it the first is known to be committed: else a member could decide by a
   * configuration whose quorums do not overlap those of the newest one.
   */
  opened(member: number, { log, state }: Life): void {
    this.#logs.set(member, log);
    const known = Math.max(log.hardState.commit, state.appliedIndex);
    const changes = changesIn(log, known + 1);
    if (changes.length < 2) return;
    const seen = `member ${member} starts with changes ${changes.join(', ')} in its log, and knows of ${known} that it is committed`;
    this.#report('one change at a time', seen, [member]);
  }

  /** The newest entry on a member's disk. */
  reach(member: number): number | undefined {
    return this.#logs.get(member)?.lastIndex();
  }

  /** Whether some log holds a change that nobody has applied yet. */
  changePending(): boolean {
    const { last } = this.#history();
    return [...this.#logs.values()].some((log) => changesIn(log, last + 1).length > 0);
  }

  committed({ index, term, member, appliedBefore }: Committed): void {
    const holds = (id: number): boolean => {
      const log = this.#logs.get(id);
      if (log === undefined) return false;
      if (log.truncation.index >= index) return true;
      return log.lastIndex() >= index && log.term(index) === term;
    };
    const { now, before, since } = this.#membership().inForce(index);
    if (hasQuorum(now, holds)) return;
    // Unless its leader had applied the newest change by then, it may have decided as of before it.
    if ((appliedBefore === undefined || appliedBefore < since) && hasQuorum(before, holds)) return;
    const holders = [...this.#logs.keys()].filter(holds).join(', ') || 'nobody';
    this.#report(
      'committed means durable on a quorum',
      `member ${member} applied ${index} of term ${term}, which only ${holders} has on disk`,
      [member],
    );
  }

  full(): void {
    const lives = this.#members.flatMap(({ id, life }) => (life === undefined ? [] : [{ id, life }]));
    for (const { id, life } of lives) this.#againstHistory(id, life);
    for (const [at, a] of lives.entries()) for (const b of lives.slice(at + 1)) this.#match(a, b);
  }

  /** Up to what is applied: the core may know more to be committed than has reached the disk. */
  #againstHistory(id: number, { log, state }: Life): void {
    const to = Math.min(state.appliedIndex, log.lastIndex(), this.#history().last);
    const from = Math.max(this.#compared.get(log) ?? 0, log.truncation.index) + 1;
    for (let index = from; index <= to; index++) {
      const expected = this.#history().at(index)!;
      const term = log.term(index);
      if (term === expected.term) continue;
      this.#report(
        'log matching',
        `member ${id} has applied ${index}, in its log as of term ${term}; it was applied as of term ${expected.term}`,
        [id, expected.member],
      );
      return;
    }
    this.#compared.set(log, Math.max(to, from - 1));
  }

  /** From the newest common index down: from the first agreement on there is no disagreement. */
  #match(a: { id: number; life: Life }, b: { id: number; life: Life }): void {
    const logs = [a.life.log, b.life.log] as const;
    const from = Math.max(...logs.map((log) => log.truncation.index)) + 1;
    const settled = Math.min(this.#compared.get(logs[0]) ?? 0, this.#compared.get(logs[1]) ?? 0);
    let agreed: number | undefined;
    for (
      let index = Math.min(...logs.map((log) => log.lastIndex()));
      index >= Math.max(from, settled);
      index--
    ) {
      const [termA, termB] = [logs[0].term(index), logs[1].term(index)];
      if (termA === termB) agreed ??= index;
      else if (agreed !== undefined) {
        const seen = `members ${a.id} and ${b.id} agree about ${agreed} and not about ${index}: terms ${termA} and ${termB}`;
        this.#report('log matching', seen, [a.id, b.id]);
        return;
      }
    }
  }
}

const READ_BYTES = 2 ** 30;

/** The indexes of changes of the membership from one on. */
function changesIn(log: Log, from: number): number[] {
  const first = Math.max(from, log.firstIndex());
  if (first > log.lastIndex()) return [];
  const entries = log.entries(first, log.lastIndex() + 1, READ_BYTES);
  return entries.filter(({ type }) => type !== 0).map(({ index }) => index);
}
