import { columnsOf, rowsOf, type Sized } from './size.js';

/** The alternate screen keeps what stood on the terminal before; the cursor is hidden meanwhile. */
const OPEN = '\x1b[?1049h\x1b[?25l\x1b[2J';
const CLOSE = '\x1b[?25h\x1b[?1049l';
/** Terminals that know these show what is between them at once; others pass them over. */
const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';

export interface ScreenOutput extends Sized {
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** A whole terminal that is painted on: only lines that have changed are written, so that nothing flickers. */
export class Screen {
  #shown: readonly string[] = [];
  #open = false;
  readonly #resized = (): void => {
    this.#wipe();
    this.onResize();
  };
  readonly #exit = (): void => this.close();

  /** @param onResize the size has changed, and the screen is empty */
  constructor(
    private readonly output: ScreenOutput,
    private readonly onResize: () => void = () => undefined,
  ) {}

  get columns(): number {
    return columnsOf(this.output);
  }

  get rows(): number {
    return rowsOf(this.output);
  }

  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#shown = [];
    this.output.write(OPEN);
    this.output.on('resize', this.#resized);
    // Whatever ends this process, the terminal is as it was.
    process.on('exit', this.#exit);
    // Somebody had stopped it, and the shell has written on the terminal since.
    process.on('SIGCONT', this.#resized);
  }

  /** @param lines no wider than the terminal; those that are too many are not shown */
  paint(lines: readonly string[]): void {
    if (!this.#open) return;
    const wanted = lines.slice(0, this.rows);
    let text = '';
    for (let at = 0; at < Math.max(wanted.length, this.#shown.length); at++) {
      const line = wanted[at] ?? '';
      if (line !== this.#shown[at]) text += `\x1b[${at + 1};1H${line}\x1b[K`;
    }
    this.#shown = wanted;
    if (text !== '') this.output.write(`${BEGIN}${text}${END}`);
  }

  /** The terminal is as it was before. Again, it does nothing. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.output.off('resize', this.#resized);
    process.off('exit', this.#exit);
    process.off('SIGCONT', this.#resized);
    this.output.write(CLOSE);
  }

  #wipe(): void {
    this.#shown = [];
    this.output.write(OPEN);
  }
}
