/** A broken invariant. The process must stop: going on would spread the damage. */
export class StateAssertionError extends Error {
  override readonly name = 'StateAssertionError';
}

/** Stays on in production. */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new StateAssertionError(`state: ${claim}`);
}

/** A state that a newer version of the state machine has made. */
export class NewerStateError extends Error {
  override readonly name = 'NewerStateError';

  constructor(version: number, known: number) {
    super(
      `the state is of state machine version ${version}, and this software knows ${known}: start a newer version of AEGIS`,
    );
  }
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
