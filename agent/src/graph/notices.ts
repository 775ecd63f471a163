import type { Notice } from '../notify/notice.js';
import type { Journal } from './journal.js';

/** A part of the loop that tells people. It returns at once, and throws nothing. */
export type Tell = (notice: Notice) => void;

/** Tells it once. A life that ended right after telling tells it again: two notices are better than none. */
export async function tellOnce(journal: Journal, notify: Tell | undefined, notice: Notice): Promise<void> {
  if (notify === undefined) return;
  await journal.once(`notified-${notice.kind}`, () => {
    notify(notice);
    return { kind: notice.kind };
  });
}
