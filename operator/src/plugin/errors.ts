/** Exit statuses, as those of `aegis`. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unavailable: 3 } as const;

/** What a person can do something about: one line, without a stack. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  constructor(
    message: string,
    readonly status: number = EXIT.failed,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
