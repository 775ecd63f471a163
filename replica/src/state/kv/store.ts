import { KvRow } from '@aegis/proto/replica/state';
import { assert } from '../assert.js';
import type { Lease } from '../lease/lease.js';
import { SECTION, singleKey } from '../rows/layout.js';
import { encoded } from '../rows/encode.js';
import { Row } from '../rows/row.js';
import type { Rows } from '../rows/rows.js';
import type { StateStorage } from '../storage/storage.js';
import type { KvChange } from './change.js';
import type { Key } from './key.js';
import type { KeyHistory } from './key-history.js';
import { KeyIndex } from './key-index.js';
import { isWithinQuota } from './quota.js';
import { RemovalQueue } from './removal-queue.js';
import { ValueRows } from './value-rows.js';

/** What follows for memory from one row. */
export interface NewRevision {
  readonly main: number;
  readonly sub: number;
  readonly size: number;
  readonly deleted: boolean;
  readonly created: number;
  readonly version: number;
  readonly lease: Lease | undefined;
}

/** The versioned keys: an index in memory over rows in the storage. */
export class KvStore {
  /** The newest main revision. An empty store has 1, and its first change 2. Never falls. */
  revision = 1;
  /** Reads and watches below it are refused. Invariant: ≤ revision. Never falls. */
  compactedRevision = 0;
  /** 0: no limit. */
  quotaBytes = 0;
  /** A put was refused for the quota, and there is not much more room since. */
  quotaAlarm = false;

  /** Of all rows, those of deletes and of superseded revisions too. */
  bytes = 0;
  /** That exist. */
  keys = 0;

  readonly index = new KeyIndex();
  readonly values: ValueRows;
  /** Revisions that a later one of their key supersedes: removable from that one on. */
  readonly superseded = new RemovalQueue();
  /** Deletes: removable after their own revision, so that a watch from it still sees them. Nothing supersedes them. */
  readonly deletes = new RemovalQueue();

  /** Of the entry being applied. */
  changes: KvChange[] = [];
  #row: Row = new Row(singleKey(SECTION.keys), false);
  #rowIsOld = false;
  /** Sub revision of the next change; -1: the next change begins a revision. */
  #nextSub = -1;

  constructor(
    private readonly rows: Rows,
    storage: StateStorage,
  ) {
    this.values = new ValueRows(rows, storage);
  }

  /** What changes from here on belongs to one revision, which begins with the first change. */
  beginRevision(): void {
    this.#nextSub = -1;
  }

  /** The place of the next change. */
  nextPlace(): { readonly main: number; readonly sub: number } {
    if (this.#nextSub === -1) {
      this.revision++;
      this.#nextSub = 0;
      this.touch();
    }
    return { main: this.revision, sub: this.#nextSub++ };
  }

  /** Leaves a gap in the revisions, for a store that goes on elsewhere. */
  raiseRevision(to: number): void {
    assert(to > this.revision, 'revisions never fall');
    this.revision = to;
    this.touch();
  }

  /** One of the numbers that the row of the whole store holds has changed. */
  touch(): void {
    this.#rowIsOld = true;
  }

  /** At the end of an entry: the numbers become part of the rows, and of the hash. */
  seal(): void {
    if (this.quotaAlarm && isWithinQuota(this)) {
      this.quotaAlarm = false;
      this.touch();
    }
    if (!this.#rowIsOld) return;
    const { revision, compactedRevision, quotaBytes, quotaAlarm } = this;
    this.rows.put(this.#row, encoded(KvRow, { revision, compactedRevision, quotaBytes, quotaAlarm }));
    this.#rowIsOld = false;
  }

  /** The numbers as `seal` wrote them. */
  restore(value: Uint8Array): void {
    const { revision, compactedRevision, quotaBytes, quotaAlarm } = KvRow.decode(value);
    this.revision = revision;
    this.compactedRevision = compactedRevision;
    this.quotaBytes = quotaBytes;
    this.quotaAlarm = quotaAlarm;
    this.#row = new Row(this.#row.key, true);
  }

  historyOf(key: Key): KeyHistory {
    return this.index.get(key) ?? this.index.add(key);
  }

  /** Takes a row into the index. The same when it is written and when a restart reads it. */
  note(history: KeyHistory, { main, sub, size, deleted, created, version, lease }: NewRevision): void {
    const existed = history.version > 0;
    if (existed) this.superseded.push(main, history.number);
    if (deleted) this.deletes.push(main + 1, history.number);
    history.advance(main, sub, deleted ? -size : size, created, version);
    this.bytes += size;
    this.keys += (deleted ? 0 : 1) - (existed ? 1 : 0);
    const { lease: old, number } = history;
    if (old === lease) return;
    old?.keys?.delete(number);
    history.lease = lease;
    if (lease !== undefined) (lease.keys ??= new Set()).add(number);
  }
}
