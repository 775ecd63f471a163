import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';

import { eventually, within } from './clock.js';
import type { TestBed } from './test-bed.js';

const KEPT_CHARACTERS_MAX = 2_000_000;

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A Node program on a terminal of its own: that of `script`, which is part of util-linux. Behind its end the shell that started it says its
 * status and how the terminal was left.
 */
export class Terminal {
  /** All that was written to it. */
  text = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(bed: TestBed, argv: readonly string[], { columns, rows, env = {} }: TerminalOptions) {
    if (spawnSync('script', ['--version']).status !== 0)
      throw new Error('these tests need the program script of util-linux (apt-get install bsdutils)');
    const program = [process.execPath, ...argv].map(quoted).join(' ');
    const inside = `echo "[pid $$]"; echo "[tty $(tty)]"; exec ${program}`;
    const command = `stty cols ${columns} rows ${rows}; sh -c ${quoted(inside)}; echo "[status $?]"; stty -a`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: bed.folder,
      env: { ...process.env, TERM: 'xterm', NO_COLOR: '', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    if (child.pid !== undefined) bed.guardian.watch(child.pid);
    child.stdin.on('error', () => undefined);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.text = (this.text + text).slice(-KEPT_CHARACTERS_MAX);
    });
    this.#ended = new Promise((resolve) => child.once('close', resolve));
    bed.atEnd(() => this.close());
  }

  type(text: string): void {
    this.#child.stdin!.write(text);
  }

  /** As if the window had another size. */
  async resize(columns: number): Promise<void> {
    execFileSync('stty', ['-F', await this.#told('tty'), 'cols', String(columns)]);
  }

  /** Sends a signal to the program. */
  async signal(name: NodeJS.Signals): Promise<void> {
    process.kill(Number(await this.#told('pid')), name);
  }

  /** Waits for something that is written after this moment. */
  see(what: RegExp, withinMs: number, from: number = this.text.length): Promise<string> {
    return eventually(
      `the terminal showing ${what}`,
      withinMs,
      () => what.exec(this.text.slice(from))?.[0],
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(this.text.slice(-3_000))}`);
    });
  }

  /** The program's exit status, and whether the terminal is as it was: no alternate screen, a cursor, whole lines, an echo. */
  async end(withinMs: number): Promise<{ readonly status: number; readonly restored: boolean }> {
    await within('the end of the program on the terminal', withinMs, this.#ended);
    const status = Number(/\[status (\d+)\]/.exec(this.text)?.[1]);
    const flags = this.text.slice(this.text.lastIndexOf('[status'));
    const cooked = /\sicanon\b/.test(flags) && /\secho\b/.test(flags);
    const last = (on: string, off: string): boolean =>
      this.text.lastIndexOf(on) >= this.text.lastIndexOf(off);
    const restored = cooked && last('\x1b[?1049l', '\x1b[?1049h') && last('\x1b[?25h', '\x1b[?25l');
    return { status, restored };
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#ended;
  }

  async #told(name: string): Promise<string> {
    const line = await this.see(new RegExp(`\\[${name} [^\\]]+\\]`), 10_000, 0);
    return line.slice(name.length + 2, -1);
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
