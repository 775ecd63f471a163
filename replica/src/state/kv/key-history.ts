import type { Lease } from '../lease/lease.js';
import { EarlierRevisions, revisionAt, type RevisionAt } from './earlier-revisions.js';
import type { Key } from './key.js';
import type { KeyNumber, KeyPage } from './key-page.js';

/**
 * What memory holds of one key: its newest revision, and where the older ones are that nothing has removed yet. A key
 * that is deleted has one as long as its delete is part of the history.
 *
 * A look at a place of a page: made for each use, and without use once the key is removed from the index.
 */
export class KeyHistory {
  readonly #page: KeyPage;
  readonly #at: number;

  constructor(page: KeyPage, number: KeyNumber) {
    this.#page = page;
    this.#at = number - page.first;
  }

  get number(): KeyNumber {
    return this.#page.first + this.#at;
  }
  get key(): Key {
    return this.#page.keys[this.#at]!;
  }
  /** Of the newest revision. */
  get main(): number {
    return this.#page.main[this.#at]!;
  }
  get sub(): number {
    return this.#page.sub[this.#at]!;
  }
  /** Bytes of its row with the row's key. Invariant: negative exactly while the key is deleted, 0 only before the first. */
  get #signedSize(): number {
    return this.#page.signedSize[this.#at]!;
  }
  get deleted(): boolean {
    return this.#signedSize < 0;
  }
  /** Main revision at which the key came to be, and its changes since. Invariant: 0 exactly while it is deleted. */
  get created(): number {
    return this.#page.created[this.#at]!;
  }
  get version(): number {
    return this.#page.version[this.#at]!;
  }
  /** Invariant: undefined while the key is deleted; otherwise the lease lives and has this among its keys. */
  get lease(): Lease | undefined {
    return this.#page.leases?.[this.#at];
  }
  set lease(lease: Lease | undefined) {
    (this.#page.leases ??= [])[this.#at] = lease;
  }

  get newest(): RevisionAt {
    return revisionAt(this.main, this.sub, this.#signedSize);
  }
  /** The one before the newest, unless it is removed. */
  get #previous(): RevisionAt | undefined {
    const { previousMain, previousSub, previousSignedSize } = this.#page;
    const signedSize = previousSignedSize[this.#at]!;
    if (signedSize === 0) return undefined;
    return revisionAt(previousMain[this.#at]!, previousSub[this.#at]!, signedSize);
  }
  /** What is older than that. Invariant: undefined or not empty. */
  get #earlier(): EarlierRevisions | undefined {
    return this.#page.earlier?.[this.#at];
  }

  /** The key changes; what was the newest revision becomes a past one. */
  advance(main: number, sub: number, signedSize: number, created: number, version: number): void {
    const page = this.#page;
    const at = this.#at;
    const { previousMain, previousSub, previousSignedSize } = page;
    if (previousSignedSize[at] !== 0) {
      const earlier = ((page.earlier ??= [])[at] ??= new EarlierRevisions());
      earlier.push(previousMain[at]!, previousSub[at]!, previousSignedSize[at]!);
    }
    previousMain[at] = page.main[at]!;
    previousSub[at] = page.sub[at]!;
    previousSignedSize[at] = page.signedSize[at]!;
    page.main[at] = main;
    page.sub[at] = sub;
    page.signedSize[at] = signedSize;
    page.created[at] = created;
    page.version[at] = version;
  }

  /** Where the key's row is as of a main revision; undefined if it did not exist then. */
  asOf(main: number): RevisionAt | undefined {
    const at = this.#lastUpTo(main);
    return at === undefined || at.deleted ? undefined : at;
  }

  /** The newest revision before a main one, deletes too. */
  before(main: number): RevisionAt | undefined {
    return this.#lastUpTo(main - 1);
  }

  #lastUpTo(main: number): RevisionAt | undefined {
    if (this.main <= main) return this.newest;
    const previous = this.#previous;
    if (previous !== undefined && previous.main <= main) return previous;
    return this.#earlier?.asOf(main);
  }

  /** Takes its oldest revision away; `last` says that no other is left. */
  forgetOldest(): { readonly revision: RevisionAt; readonly last: boolean } {
    const page = this.#page;
    const earlier = this.#earlier;
    if (earlier !== undefined) {
      const revision = earlier.shift();
      if (earlier.length === 0) page.earlier![this.#at] = undefined;
      return { revision, last: false };
    }
    const previous = this.#previous;
    if (previous === undefined) return { revision: this.newest, last: true };
    page.previousSignedSize[this.#at] = 0;
    return { revision: previous, last: false };
  }
}
