import { assert, fail } from './assert.js';
import { countWithin, entriesSize, type EntrySize } from './entry-size.js';
import { isRaftError } from './errors.js';
import type { Logger } from './logger.js';
import type { Storage } from './storage.js';
import { NO_LIMIT, type Entry, type Snapshot } from './types.js';
import { NOT_HERE, Unstable } from './unstable.js';

/** Answers of `term` for an index outside the log. Negative, so that no real term equals them. */
export const COMPACTED = -1;
export const UNAVAILABLE = -2;

/** The log as one: what storage holds, overlaid by what is unstable, and how far it is committed and applied. */
export class RaftLog {
  readonly storage: Storage;
  readonly unstable: Unstable;
  /** Highest index known to be stored by a quorum. Never falls. */
  committed: number;
  /** Highest index handed out for applying. Invariant: applied <= applying <= committed. */
  applying: number;
  /** Highest index that the state machine holds. */
  applied: number;
  /** Bytes handed out for applying and not yet acknowledged. */
  private applyingSize = 0;
  /** No more is handed out for applying until some of it is acknowledged. */
  private applyingPaused = false;
  private readonly maxApplyingSize: number;
  private readonly size: EntrySize;
  private readonly logger: Logger;

  constructor(storage: Storage, logger: Logger, size: EntrySize, maxApplyingSize: number) {
    this.storage = storage;
    this.logger = logger;
    this.size = size;
    this.maxApplyingSize = maxApplyingSize;
    this.unstable = new Unstable(storage.lastIndex() + 1, logger);
    // What is compacted was applied, and what was applied was committed.
    this.committed = storage.firstIndex() - 1;
    this.applying = this.committed;
    this.applied = this.committed;
  }

  firstIndex(): number {
    const { snapshot } = this.unstable;
    return snapshot === undefined ? this.storage.firstIndex() : snapshot.metadata.index + 1;
  }

  lastIndex(): number {
    const last = this.unstable.lastIndex();
    return last === NOT_HERE ? this.storage.lastIndex() : last;
  }

  /** Term of the entry, the one before firstIndex included; COMPACTED or UNAVAILABLE outside. */
  term(index: number): number {
    const here = this.unstable.term(index);
    if (here !== NOT_HERE) return here;
    if (index + 1 < this.firstIndex()) return COMPACTED;
    if (index > this.lastIndex()) return UNAVAILABLE;
    try {
      return this.storage.term(index);
    } catch (error) {
      if (isRaftError(error, 'COMPACTED')) return COMPACTED;
      if (isRaftError(error, 'UNAVAILABLE')) return UNAVAILABLE;
      throw error;
    }
  }

  /** As `term`, but 0 outside: for telling others, where 0 means unknown. */
  termOrZero(index: number): number {
    return Math.max(this.term(index), 0);
  }

  lastTerm(): number {
    const term = this.term(this.lastIndex());
    assert(term >= 0, 'the last entry has no term');
    return term;
  }

  /** Whether the entry at `index` is there and of that term. */
  matches(index: number, term: number): boolean {
    return this.term(index) === term;
  }

  /** §5.4.1: a log that ends so may be voted for: its last term is later, or equal and it is not shorter. */
  isUpToDate(lastIndex: number, lastTerm: number): boolean {
    const ours = this.lastTerm();
    return lastTerm > ours || (lastTerm === ours && lastIndex >= this.lastIndex());
  }

  /**
   * A follower's append (§5.3): when the entry before matches, adds what is new, drops what conflicts, and moves
   * commit as far as the leader's and the appended entries reach. Returns the last index covered, or UNAVAILABLE when
   * the entry before does not match.
   */
  maybeAppend(prevIndex: number, prevTerm: number, entries: readonly Entry[], leaderCommit: number): number {
    if (!this.matches(prevIndex, prevTerm)) return UNAVAILABLE;
    const last = prevIndex + entries.length;
    const fresh = this.firstNew(entries);
    if (fresh < entries.length) {
      if (entries[fresh]!.index <= this.committed) {
        fail(`entry ${entries[fresh]!.index} conflicts with a committed one (commit ${this.committed})`);
      }
      assert(entries[fresh]!.index === prevIndex + 1 + fresh, 'the entries of an append are not contiguous');
      this.append(entries, fresh);
    }
    this.commitTo(Math.min(leaderCommit, last));
    return last;
  }

  /** Position of the first entry that this log lacks or holds with another term; entries.length when it has all. */
  private firstNew(entries: readonly Entry[]): number {
    for (let i = 0; i < entries.length; i++) {
      const { index, term } = entries[i]!;
      if (this.matches(index, term)) continue;
      if (index <= this.lastIndex()) {
        this.logger.info?.(
          `entry ${index} of term ${this.termOrZero(index)} gives way to one of term ${term}`,
        );
      }
      return i;
    }
    return entries.length;
  }

  /** Adds `entries[from..]`, dropping what stood in their place, which must not be committed. */
  append(entries: readonly Entry[], from = 0): number {
    const first = entries[from];
    if (first !== undefined) {
      if (first.index <= this.committed)
        fail(`append at ${first.index} reaches below commit ${this.committed}`);
      this.unstable.truncateAndAppend(entries, from);
    }
    return this.lastIndex();
  }

  /**
   * Where this log may still agree with another of which one entry (index, term) is known: the highest place at or
   * before `index` whose term is not later, or is unknown. Everything above it is sure to differ.
   */
  lastPossibleMatch(index: number, term: number): { index: number; term: number } {
    for (let i = index; i > 0; i--) {
      const ours = this.term(i);
      if (ours < 0) return { index: i, term: 0 };
      if (ours <= term) return { index: i, term: ours };
    }
    return { index: 0, term: 0 };
  }

  /** Commit never falls and never passes the end of the log. */
  commitTo(index: number): void {
    if (index <= this.committed) return;
    if (index > this.lastIndex()) {
      fail(`commit ${index} is past the last entry ${this.lastIndex()}: the log was damaged, cut or lost`);
    }
    this.committed = index;
  }

  /** §5.4.2: only an entry of the leader's own term is committed by counting; those before it come along. */
  maybeCommit(index: number, term: number): boolean {
    if (term === 0 || index <= this.committed || !this.matches(index, term)) return false;
    this.commitTo(index);
    return true;
  }

  restore(snapshot: Snapshot): void {
    const { index, term } = snapshot.metadata;
    this.logger.info?.(`the log ending at ${this.lastIndex()} is replaced by snapshot ${term}/${index}`);
    this.committed = index;
    this.unstable.restore(snapshot);
  }

  /** The newest snapshot. May throw SNAPSHOT_TEMPORARILY_UNAVAILABLE. */
  snapshot(): Snapshot {
    return this.unstable.snapshot ?? this.storage.snapshot();
  }

  hasSnapshot(): boolean {
    return this.unstable.snapshot !== undefined;
  }

  /**
   * How far may be applied. With `allowUnstable` even what this replica has not stored itself, because a quorum has;
   * the driver stores before it applies.
   */
  private maxAppliable(allowUnstable: boolean): number {
    return allowUnstable ? this.committed : Math.min(this.committed, this.unstable.offset - 1);
  }

  hasNextCommitted(allowUnstable: boolean): boolean {
    // While a snapshot waits, entries after it must wait too.
    return !this.applyingPaused && !this.hasSnapshot() && this.applying < this.maxAppliable(allowUnstable);
  }

  /** Committed entries that nobody applies yet, as far as the limit allows. */
  nextCommitted(allowUnstable: boolean): Entry[] {
    if (!this.hasNextCommitted(allowUnstable)) return [];
    const room = this.maxApplyingSize - this.applyingSize;
    assert(room > 0, 'no room to apply, yet not paused');
    const entries = this.slice(this.applying + 1, this.maxAppliable(allowUnstable) + 1, room);
    return entries ?? fail('a committed entry was compacted before it was applied');
  }

  acceptApplying(index: number, size: number, allowUnstable: boolean): void {
    if (index > this.committed) fail(`applying ${index} is past commit ${this.committed}`);
    this.applying = index;
    this.applyingSize += size;
    // Paused at the limit, and also when the limit cut the last hand-out short: the next entry would pass it.
    this.applyingPaused =
      this.applyingSize >= this.maxApplyingSize || index < this.maxAppliable(allowUnstable);
  }

  appliedTo(index: number, size: number): void {
    if (index > this.committed || index < this.applied) {
      fail(`applied ${index} is outside ${this.applied}..${this.committed}`);
    }
    this.applied = index;
    this.applying = Math.max(this.applying, index);
    this.applyingSize = Math.max(0, this.applyingSize - size);
    this.applyingPaused = this.applyingSize >= this.maxApplyingSize;
  }

  /** Entries from `index` to the end within `maxSize`, at least one if any; undefined when compacted. */
  entriesFrom(index: number, maxSize: number): Entry[] | undefined {
    const last = this.lastIndex();
    return index > last ? [] : this.slice(index, last + 1, maxSize);
  }

  /** Entries lo..hi-1 within `maxSize`, at least one if any; undefined when `lo` is compacted. */
  slice(lo: number, hi: number, maxSize: number): Entry[] | undefined {
    assert(lo <= hi, 'a slice that ends before it begins');
    if (lo < this.firstIndex()) return undefined;
    if (hi > this.lastIndex() + 1) fail(`slice [${lo}, ${hi}) is past the last entry ${this.lastIndex()}`);
    if (lo === hi) return [];
    const { offset, entries } = this.unstable;
    if (lo >= offset) {
      const count = countWithin(entries, lo - offset, hi - offset, maxSize, this.size);
      return this.unstable.slice(lo, lo + count);
    }
    const cut = Math.min(hi, offset);
    const stored = this.storedSlice(lo, cut, maxSize);
    // Fewer than asked: the limit was met. Only a full answer may go on into the unstable entries.
    if (stored === undefined || hi <= offset || stored.length < cut - lo) return stored;
    const used = maxSize === NO_LIMIT ? 0 : entriesSize(stored, this.size);
    if (used >= maxSize) return stored;
    const count = countWithin(entries, 0, hi - offset, maxSize - used, this.size);
    // One that alone is too big was counted anyway: after stored entries it has to wait.
    if (count === 1 && used + this.size(entries[0]!) > maxSize) return stored;
    for (let i = 0; i < count; i++) stored.push(entries[i]!);
    return stored;
  }

  private storedSlice(lo: number, hi: number, maxSize: number): Entry[] | undefined {
    try {
      return this.storage.entries(lo, hi, maxSize);
    } catch (error) {
      if (isRaftError(error, 'COMPACTED')) return undefined;
      if (isRaftError(error, 'UNAVAILABLE')) fail(`storage lacks entries of [${lo}, ${hi})`);
      throw error;
    }
  }
}
