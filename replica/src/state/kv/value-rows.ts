import { assert } from '../assert.js';
import { revisionKey } from '../rows/layout.js';
import { Row } from '../rows/row.js';
import type { Rows } from '../rows/rows.js';
import type { StateStorage } from '../storage/storage.js';
import { ValueRow } from './value-row.js';

/** Where a row is: its place in the order of all changes. */
export interface Place {
  readonly main: number;
  readonly sub: number;
}

interface Unconfirmed {
  readonly row: Row;
  readonly value: ValueRow;
}

/**
 * The rows of all revisions. Memory holds those that the storage has not confirmed; the others are read from it, at
 * the moment they are asked for.
 */
export class ValueRows {
  /** By main revision, then by sub revision. Invariant: main revisions rise in the order of insertion. */
  readonly #unconfirmed = new Map<number, Unconfirmed[]>();
  /** The newest main revision that has a row here. */
  #newest = 0;

  constructor(
    private readonly rows: Rows,
    private readonly storage: StateStorage,
  ) {}

  /** Sub revisions come one after the other, from 0. */
  put(main: number, sub: number, bytes: Buffer): ValueRow {
    const row = new Row(revisionKey(main, sub), false);
    this.rows.put(row, bytes);
    let subs = this.#unconfirmed.get(main);
    if (subs === undefined) this.#unconfirmed.set(main, (subs = []));
    assert(subs.length === sub, 'sub revisions have no gaps');
    const value = new ValueRow(bytes);
    subs.push({ row, value });
    this.#newest = main;
    return value;
  }

  /** Reads of it are not made any more. */
  delete({ main, sub }: Place): void {
    const unconfirmed = this.#unconfirmed.get(main)?.[sub];
    this.rows.delete(unconfirmed?.row ?? new Row(revisionKey(main, sub), true));
  }

  read(place: Place): ValueRow {
    return this.readMany([place])[0]!;
  }

  readMany(places: readonly Place[]): ValueRow[] {
    return this.find(places).map((row) => {
      assert(row !== undefined, 'a revision of the history has no row');
      return row;
    });
  }

  /** Rows that may be there or not. */
  find(places: readonly Place[]): (ValueRow | undefined)[] {
    const missing: Uint8Array[] = [];
    const found = places.map(({ main, sub }) => {
      const value = this.#unconfirmed.get(main)?.[sub]?.value;
      if (value === undefined) missing.push(revisionKey(main, sub));
      return value;
    });
    const stored = missing.length === 0 ? [] : this.storage.getMany(missing);
    let next = 0;
    return found.map((value) => {
      if (value !== undefined) return value;
      const bytes = stored[next++];
      return bytes && new ValueRow(bytes);
    });
  }

  /** All rows up to here are in the writes that are now being made: what to confirm once they are in. */
  get newest(): number {
    return this.#newest;
  }

  /** The storage has them. */
  confirm(newest: number): void {
    for (const main of this.#unconfirmed.keys()) {
      if (main > newest) return;
      this.#unconfirmed.delete(main);
    }
  }
}
