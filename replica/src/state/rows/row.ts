/** One row of the storage, as the thing in memory that it describes knows it. Changed only by Rows. */
export class Row {
  /** The value since the last flush; undefined when unchanged or deleted. */
  value: Uint8Array | undefined;
  /** Invariant: true as long as the storage holds some value of the key. */
  stored: boolean;
  /** Invariant: true exactly while the row is in the list of changed rows. */
  changed = false;

  constructor(
    readonly key: Uint8Array,
    stored: boolean,
  ) {
    this.stored = stored;
  }
}
