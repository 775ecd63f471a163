/** One thing wrong with a trace. */
export interface TraceProblem {
  /** As `faults[2].on`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** The trace cannot be used. Lists everything that is wrong, not only the first. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
  readonly code = 'TRACE_INVALID';

  constructor(
    /** Where it comes from, for people. */
    readonly source: string,
    readonly problems: readonly TraceProblem[],
  ) {
    const lines = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    super(`the trace ${source} cannot be used\n${lines.map((line) => `  ${line}`).join('\n')}`);
  }
}
