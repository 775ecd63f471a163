import type { Report } from './verdict.js';
import type { Change, WriteCheck } from './writes.js';

export interface SeenBatch {
  readonly revision: number;
  readonly events: readonly Change[];
}

/** What one watch of a prefix was sent: ordered, each change once, all of a revision together, and none missing. */
export class WatchCheck {
  readonly #report: Report;
  readonly #writes: WriteCheck;
  readonly #prefix: string;
  readonly #who: string;
  /** The place in all changes of the next one that it has to be sent. */
  #next = 0;

  constructor(report: Report, writes: WriteCheck, prefix: string, who: string, fromRevision: number) {
    this.#report = report;
    this.#writes = writes;
    this.#prefix = prefix;
    this.#who = who;
    while ((writes.changes[this.#next]?.revision ?? Infinity) < fromRevision) this.#next++;
  }

  sent({ revision, events }: SeenBatch): void {
    const { changes } = this.#writes;
    const expected: Change[] = [];
    for (; this.#next < changes.length; this.#next++) {
      const change = changes[this.#next]!;
      if (expected.length > 0 && change.revision !== expected[0]!.revision) break;
      if (change.key.startsWith(this.#prefix)) expected.push(change);
    }
    const same =
      expected.length === events.length &&
      expected.every((change, at) => {
        const event = events[at]!;
        return change.revision === revision && change.key === event.key && change.value === event.value;
      });
    if (same) return;
    this.#report(
      'watches are complete, ordered and unique',
      `${this.#who} was sent revision ${revision} (${describe(events)}) where revision ` +
        `${expected[0]?.revision ?? 'none'} (${describe(expected)}) was due`,
    );
  }
}

function describe(changes: readonly Change[]): string {
  return changes.map(({ key, value }) => `${key}=${value ?? 'deleted'}`).join(', ') || 'nothing';
}
