import type { StateMachine } from '@aegis/replica/sim';

import type { Report } from './verdict.js';

/** All rows are compared after so many entries. */
const EVERY_ENTRIES = 200;

/**
 * The chained hash says that members made the same changes; this one says that they hold the same rows: a state that came off a
 * disk or out of a snapshot may lack some, and go on hashing.
 */
export class ContentCheck {
  readonly #report: Report;
  readonly #known = new Map<number, { readonly member: number; readonly hash: string }>();

  constructor(report: Report) {
    this.#report = report;
  }

  applied(member: number, index: number, state: StateMachine): void {
    if (index % EVERY_ENTRIES === 0) this.compare(member, state);
  }

  /** Ends within the turn in which it was called. */
  compare(member: number, state: StateMachine): void {
    state
      .contentHash(async () => {})
      .then(
        ({ index, hash }) => this.#compare(member, index, hash),
        (error: unknown) => this.#report('rows can be read', `member ${member}: ${String(error)}`, [member]),
      );
  }

  #compare(member: number, index: number, hash: string): void {
    const known = this.#known.get(index) ?? { member, hash };
    this.#known.set(index, known);
    if (known.hash === hash) return;
    const seen = `at index ${index} members ${known.member} and ${member} hold different rows`;
    this.#report('members hold the same rows', seen, [known.member, member]);
  }
}
