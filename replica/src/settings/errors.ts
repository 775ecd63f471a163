/** One thing wrong with a settings document. */
export interface SettingsProblem {
  /** As `spec.consensus.electionTimeoutMs`; empty for the document as a whole. */
  readonly path: string;
  /** What is wrong and what is allowed. */
  readonly message: string;
}

/** The document or the settings cannot be used. Lists everything that is wrong, not only the first. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'SETTINGS_INVALID';
  /** Invariant: not empty. */
  readonly problems: readonly SettingsProblem[];

  constructor(problems: readonly SettingsProblem[]) {
    super(problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('\n'));
    this.problems = problems;
  }
}
