/** An invariant that did not hold. */
export interface Violation {
  readonly invariant: string;
  /** What was seen and what should have been. */
  readonly seen: string;
  /** Those whose events tell the story. */
  readonly members: readonly number[];
}

/** Where a check tells that its invariant did not hold. Only the first violation counts: the world stops there. */
export type Report = (invariant: string, seen: string, members?: readonly number[]) => void;
