/** Structured logs: one JSON object a line on stderr. */
export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

export class Logger {
  readonly #lowest: number;
  readonly #base: Fields;

  constructor(level: Level, base: Fields = {}) {
    this.#lowest = LEVELS.indexOf(level);
    this.#base = base;
  }

  with(fields: Fields): Logger {
    return new Logger(LEVELS[this.#lowest]!, { ...this.#base, ...fields });
  }

  debug(message: string, fields?: Fields): void {
    this.#write('debug', message, fields);
  }
  info(message: string, fields?: Fields): void {
    this.#write('info', message, fields);
  }
  warn(message: string, fields?: Fields): void {
    this.#write('warn', message, fields);
  }
  error(message: string, fields?: Fields): void {
    this.#write('error', message, fields);
  }

  #write(level: Level, message: string, fields?: Fields): void {
    if (LEVELS.indexOf(level) < this.#lowest) return;
    const line = { time: new Date().toISOString(), level, message, ...this.#base, ...fields };
    process.stderr.write(`${JSON.stringify(line)}\n`);
  }
}
