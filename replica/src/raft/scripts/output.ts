import type { Logger } from '../index.js';
import { ScriptError } from './script-error.js';

const levels = ['debug', 'info', 'warn', 'error', 'fatal', 'none'] as const;

export function parseLevel(name: string): number {
  const level = levels.findIndex((each) => each === name.toLowerCase());
  if (level < 0) throw new ScriptError(`unknown log level "${name}", known are ${levels.join(', ')}`);
  return level;
}

const NONE_LEVEL = levels.length - 1;

/**
 * What the commands of a script print, the core's log among it. The script's own `log-level` hides log lines below it,
 * and at `none` everything but errors. `coreLevel` hides more log lines, but never anything else.
 */
export class Output {
  level = 0;
  private readonly coreLevel: number;
  private text = '';

  constructor(coreLevel: number) {
    this.coreLevel = coreLevel;
  }

  get quiet(): boolean {
    return this.level === NONE_LEVEL;
  }

  write(text: string): void {
    if (!this.quiet) this.text += text;
  }

  /** Runs `body` with each line that it prints indented by two spaces. */
  indented<T>(body: () => T): T {
    const before = this.text;
    this.text = '';
    try {
      return body();
    } finally {
      const lines = this.text.split('\n');
      if (lines.at(-1) === '') lines.pop();
      this.text = before + lines.map((line) => `  ${line}\n`).join('');
    }
  }

  /** All that was printed since the last call. */
  take(): string {
    const { text } = this;
    this.text = '';
    return text;
  }

  /** The core's logger: a level that is hidden is absent, at this moment. */
  logger(): Logger {
    const at = (level: number, name: string) =>
      Math.max(this.level, this.coreLevel) > level
        ? undefined
        : (text: string) => this.write(`${name} ${text}\n`);
    return {
      get debug() {
        return at(0, 'DEBUG');
      },
      get info() {
        return at(1, 'INFO');
      },
      get warning() {
        return at(2, 'WARN');
      },
      get error() {
        return at(3, 'ERROR');
      },
    };
  }
}
