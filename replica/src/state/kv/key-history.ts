import type { Lease } from '../lease/lease.js';
import type { Key } from './key.js';
import { PastRevisions, type RevisionAt } from './past-revisions.js';

/**
 * What memory holds of one key: its newest revision, and where the older ones are that nothing has removed yet. A key
 * that is deleted has one as long as its delete is part of the history.
 */
export class KeyHistory {
  /** Of the newest revision. */
  main = 0;
  sub = 0;
  /** Bytes of its row with the row's key. Invariant: negative exactly while the key is deleted, 0 only before the first. */
  signedSize = 0;
  /** Main revision at which the key came to be, and its changes since. Invariant: 0 exactly while it is deleted. */
  created = 0;
  version = 0;
  /** Invariant: undefined while the key is deleted; otherwise the lease lives and has this among its keys. */
  lease: Lease | undefined = undefined;
  #past: PastRevisions | undefined = undefined;

  constructor(readonly key: Key) {}

  get deleted(): boolean {
    return this.signedSize < 0;
  }

  /** The key changes; what was the newest revision becomes a past one. */
  advance(main: number, sub: number, signedSize: number, created: number, version: number): void {
    if (this.#past !== undefined) this.#past.push(this.main, this.sub, this.signedSize);
    else if (this.signedSize !== 0) this.#past = new PastRevisions(this.main, this.sub, this.signedSize);
    this.main = main;
    this.sub = sub;
    this.signedSize = signedSize;
    this.created = created;
    this.version = version;
  }

  get newest(): RevisionAt {
    const { main, sub, signedSize } = this;
    return { main, sub, size: Math.abs(signedSize), deleted: signedSize < 0 };
  }

  /** Where the key's row is as of a main revision; undefined if it did not exist then. */
  asOf(main: number): RevisionAt | undefined {
    if (this.main <= main) return this.deleted ? undefined : this.newest;
    const count = this.#past?.countUpTo(main) ?? 0;
    if (count === 0) return undefined;
    const at = this.#past!.at(count - 1);
    return at.deleted ? undefined : at;
  }

  /** The newest revision before a main one, deletes too. */
  before(main: number): RevisionAt | undefined {
    if (this.main < main) return this.newest;
    const count = this.#past?.countUpTo(main - 1) ?? 0;
    return count === 0 ? undefined : this.#past!.at(count - 1);
  }

  /** Takes its oldest revision away; `last` says that no other is left. */
  forgetOldest(): { readonly revision: RevisionAt; readonly last: boolean } {
    const past = this.#past;
    if (past === undefined) return { revision: this.newest, last: true };
    const revision = past.at(0);
    if (past.length === 1) this.#past = undefined;
    else past.dropOldest();
    return { revision, last: false };
  }
}
