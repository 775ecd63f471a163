/** One line of JSON on standard error for each thing that people may want to know. */
export function log(level: 'info' | 'warn' | 'error', message: string, facts: object = {}): void {
  const line = { time: new Date().toISOString(), level, message, ...facts };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

/** What an error says; of its trace only what is no operating error. */
export function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
