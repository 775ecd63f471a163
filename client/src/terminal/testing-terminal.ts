import { EventEmitter } from 'node:events';
import type { KeyInput } from './keys.js';

/** A mode on or off, a place, a look or an erasure, a text. */
// eslint-disable-next-line no-control-regex
const PIECES = /\x1b\[\?(\d+)([hl])|\x1b\[(\d+);1H|(\x1b\[(?:K|2J|\d+m))|([^\x1b]+)/g;

/** A terminal for tests: knows what `Screen` and `Keyboard` say to one, and fails for all else. */
export class TestTerminal {
  readonly written: string[] = [];
  readonly keyboard: KeyInput & { isTTY: boolean };
  lines: string[] = [];
  alternate = false;
  cursor = true;
  raw = false;
  readonly #events = new EventEmitter();
  readonly #typed = new EventEmitter();

  constructor(
    public columns = 80,
    public rows = 24,
  ) {
    this.keyboard = {
      isTTY: true,
      setRawMode: (raw) => (this.raw = raw),
      setEncoding: () => undefined,
      on: (_event, listener) => this.#typed.on('data', listener),
      off: (_event, listener) => this.#typed.off('data', listener),
      resume: () => undefined,
      pause: () => undefined,
    };
  }

  /** How many wait for another size. */
  get listening(): number {
    return this.#events.listenerCount('resize');
  }

  on(event: 'resize', listener: () => void): void {
    this.#events.on(event, listener);
  }

  off(event: 'resize', listener: () => void): void {
    this.#events.off(event, listener);
  }

  resize(columns: number, rows: number): void {
    [this.columns, this.rows] = [columns, rows];
    this.#events.emit('resize');
  }

  type(text: string): void {
    this.#typed.emit('data', text);
  }

  write(text: string): void {
    this.written.push(text);
    for (const [, mode, on, row, colours, plainText] of text.matchAll(PIECES)) {
      if (mode === '1049') this.alternate = on === 'h';
      if (mode === '25') this.cursor = on === 'h';
      if (row !== undefined) this.#row = Number(row) - 1;
      if (row !== undefined) this.lines[this.#row] = '';
      if (colours === '\x1b[2J') this.lines = Array.from({ length: this.rows }, () => '');
      if (plainText !== undefined) this.lines[this.#row] += plainText;
    }
  }

  #row = 0;
}
