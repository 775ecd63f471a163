import type { StateMachine } from '@aegis/replica/sim';

import type { Committed, EntryCheck } from './history.js';
import type { Report } from './verdict.js';

/** One change of one key as it was applied. */
export interface Change {
  readonly revision: number;
  readonly key: string;
  /** Undefined: deleted. */
  readonly value: string | undefined;
}

/**
 * Writes of this world have values of their own, so that each can be found again: none takes effect twice, none that certainly
 * failed takes effect at all, and what was acknowledged is there.
 */
export class WriteCheck implements EntryCheck {
  readonly #report: Report;
  /** In the order of revisions. */
  readonly changes: Change[] = [];
  readonly #revisionOf = new Map<string, number>();
  readonly #refused = new Set<string>();
  compactedRevision = 0;

  constructor(report: Report) {
    this.#report = report;
  }

  committed({ applied, index, member }: Committed, state: StateMachine): void {
    for (const change of applied.changes) {
      const { key, value } = state.kvEvent(change, false).kv!;
      const text = change.deleted ? undefined : value.toString();
      const previous = this.changes.at(-1)?.revision ?? 0;
      if (change.main < previous)
        this.#report('revisions grow', `entry ${index} makes revision ${change.main} after ${previous}`, [
          member,
        ]);
      this.changes.push({ revision: change.main, key: key.toString(), value: text });
      if (text === undefined) continue;
      const before = this.#revisionOf.get(text);
      if (before !== undefined) {
        const seen = `entry ${index} writes ${text} at revision ${change.main}; it was written at ${before} already`;
        this.#report('at most once', seen, [member]);
      }
      this.#revisionOf.set(text, change.main);
      if (this.#refused.has(text))
        this.#report(
          'definite errors',
          `entry ${index} writes ${text}, whose client was told that it certainly failed`,
          [member],
        );
    }
    for (const { result } of applied.results) {
      if (result?.$case === 'kvCompact') this.compactedRevision = state.kv.compactedRevision;
    }
  }

  /** A client was told that its write is revision `revision`. */
  acknowledged(value: string, revision: number, member?: number): void {
    const found = this.#revisionOf.get(value);
    if (found === revision) return;
    const seen = `${value} was acknowledged as revision ${revision}; it is ${found === undefined ? 'nowhere' : `revision ${found}`}`;
    this.#report('acknowledged writes are there', seen, member === undefined ? [] : [member]);
  }

  /** A client was told that its write replaced what was written at `expected`; 0: nothing was there. */
  swapped(key: string, revision: number, expected: number): void {
    let before = 0;
    for (let at = this.changes.length - 1; at >= 0; at--) {
      const change = this.changes[at]!;
      if (change.key !== key || change.revision >= revision) continue;
      before = change.value === undefined ? 0 : change.revision;
      break;
    }
    if (before === expected) return;
    this.#report(
      'compare and swap',
      `${key} was swapped at ${revision} over ${expected}; before it was ${before}`,
    );
  }

  /** A client was told that its write certainly had no effect. */
  refused(value: string, why: string): void {
    this.#refused.add(value);
    const found = this.#revisionOf.get(value);
    if (found === undefined) return;
    this.#report('definite errors', `${value} was refused for certain (${why}), and is revision ${found}`);
  }
}
