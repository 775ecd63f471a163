/** A key by its name (`up`, `enter`, `ctrl-c`), or the character that it writes. */
export type Key = string;

const NAMED: Readonly<Record<string, Key>> = {
  '\x1b[A': 'up',
  '\x1b[B': 'down',
  '\x1bOA': 'up',
  '\x1bOB': 'down',
  '\x1b[H': 'home',
  '\x1b[F': 'end',
  '\x1b': 'escape',
  '\r': 'enter',
  '\n': 'enter',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x03': 'ctrl-c',
  '\x04': 'ctrl-d',
};
// eslint-disable-next-line no-control-regex
const SEQUENCE = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O[A-Za-z])/;

/** What was typed, key by key; keys that have no name here are left out. */
export function keysOf(typed: string): Key[] {
  const keys: Key[] = [];
  for (let rest = typed; rest !== '';) {
    const piece = SEQUENCE.exec(rest)?.[0] ?? String.fromCodePoint(rest.codePointAt(0)!);
    rest = rest.slice(piece.length);
    const key = NAMED[piece];
    if (key !== undefined) keys.push(key);
    else if (piece >= ' ' && !piece.startsWith('\x1b')) keys.push(piece);
  }
  return keys;
}

/** What of a terminal is read. */
export interface KeyInput {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  setEncoding(encoding: 'utf8'): unknown;
  on(event: 'data', listener: (typed: string) => void): unknown;
  off(event: 'data', listener: (typed: string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** Reads a terminal key by key. Nothing is read where it is none. */
export class Keyboard {
  #open = false;
  readonly #typed = (typed: string): void => {
    for (const key of keysOf(typed)) if (this.#open) this.onKey(key);
  };

  constructor(
    private readonly input: KeyInput,
    private readonly onKey: (key: Key) => void,
  ) {}

  open(): void {
    if (this.input.isTTY !== true || this.#open) return;
    this.#open = true;
    this.input.setRawMode?.(true);
    this.input.setEncoding('utf8');
    this.input.on('data', this.#typed);
    this.input.resume();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.input.off('data', this.#typed);
    this.input.pause();
    this.input.setRawMode?.(false);
  }
}
