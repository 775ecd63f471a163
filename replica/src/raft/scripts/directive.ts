import { ScriptError } from './script-error.js';

/** `key`, `key=value` or `key=(value,value)`. */
export interface Argument {
  key: string;
  values: string[];
}

/** Splits a directive's line into the command and its arguments. */
export function parseDirectiveLine(line: string): { command: string; args: Argument[] } {
  let rest = line.trim();
  const takeUntil = (stop: RegExp): string => {
    const at = rest.search(stop);
    const taken = at < 0 ? rest : rest.slice(0, at);
    rest = rest.slice(taken.length);
    return taken;
  };
  const command = takeUntil(/ /);
  const args: Argument[] = [];
  for (rest = rest.trim(); rest !== ''; rest = rest.trim()) {
    const key = takeUntil(/[ =]/);
    if (key === '') throw new ScriptError(`cannot read the arguments at "${rest}"`);
    if (!rest.startsWith('=')) {
      args.push({ key, values: [] });
      continue;
    }
    rest = rest.slice(1);
    if (rest.startsWith('(')) {
      const { values, length } = parseList(rest);
      args.push({ key, values });
      rest = rest.slice(length);
    } else {
      args.push({ key, values: [takeUntil(/ /)] });
    }
  }
  return { command, args };
}

/** `(a,b)`, where a value may itself hold parentheses with commas in them. */
function parseList(text: string): { values: string[]; length: number } {
  const values: string[] = [];
  let depth = 0;
  let start = 1;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '(') depth++;
    if (char === ')') depth--;
    if ((char === ',' && depth === 1) || depth === 0) {
      values.push(text.slice(start, i).trimStart());
      start = i + 1;
    }
    if (depth === 0) return { values, length: i + 1 };
  }
  throw new ScriptError(`a list is not closed: "${text}"`);
}

/** One command of a script, with what its handler may ask. Every failing question throws a ScriptError. */
export class Directive {
  readonly command: string;
  readonly args: readonly Argument[];
  /** The lines between the command and `----`, trimmed. */
  readonly input: string;

  constructor(line: string, input: string) {
    const { command, args } = parseDirectiveLine(line);
    this.command = command;
    this.args = args;
    this.input = input;
  }

  /** Arguments without a value, in order. */
  get positional(): string[] {
    return this.args.filter(({ values }) => values.length === 0).map(({ key }) => key);
  }

  /** All ids among the arguments without a value. */
  ids(): number[] {
    return this.positional.map(toInteger);
  }

  /** The n-th argument without a value. */
  word(n: number, what: string): string {
    const word = this.positional[n];
    if (word === undefined) throw new ScriptError(`${this.command} needs ${what}`);
    return word;
  }

  integer(n: number, what: string): number {
    return toInteger(this.word(n, what));
  }

  /** Single value of `key=value`. */
  value(key: string): string | undefined {
    const found = this.args.find((arg) => arg.key === key && arg.values.length > 0);
    if (found === undefined) return undefined;
    if (found.values.length !== 1) throw new ScriptError(`${key} takes one value`);
    return found.values[0];
  }

  requiredInteger(key: string): number {
    const value = this.value(key);
    if (value === undefined) throw new ScriptError(`${this.command} needs ${key}=…`);
    return toInteger(value);
  }

  /** Refuses arguments that the command does not know. */
  only(positional: number, ...keys: string[]): void {
    if (this.positional.length > positional) {
      throw new ScriptError(`${this.command} does not take the argument "${this.positional[positional]}"`);
    }
    for (const { key, values } of this.args) {
      if (values.length > 0 && !keys.includes(key)) {
        throw new ScriptError(`${this.command} does not know the argument "${key}"`);
      }
    }
  }
}

export function toInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new ScriptError(`not a number: "${text}"`);
  return value;
}

export function toBoolean(text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw new ScriptError(`neither true nor false: "${text}"`);
}
