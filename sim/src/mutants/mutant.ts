/** A deliberate bug: places of the compiled replica, each of which must be there exactly once, and what stands there instead. */
export interface Mutant {
  readonly name: string;
  /** What the simulator has to see broken. */
  readonly claim: string;
  readonly edits: readonly Edit[];
}

export interface Edit {
  /** In the replica's compiled output. */
  readonly file: string;
  readonly find: string;
  readonly put: string;
}
