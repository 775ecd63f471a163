/** A broken invariant. The process must stop: going on would spread the damage. */
export class StateAssertionError extends Error {
  override readonly name = 'StateAssertionError';
}

/** Stays on in production. */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new StateAssertionError(`state: ${claim}`);
}

/** An entry that this software cannot apply. It is never skipped: the process must stop. */
export class UnknownCommandError extends Error {
  override readonly name = 'UnknownCommandError';

  constructor(
    readonly index: number,
    what: string,
    options?: ErrorOptions,
  ) {
    super(
      `log entry ${index}: ${what}; this replica stops rather than skip it (run the software version that wrote it)`,
      options,
    );
  }
}
