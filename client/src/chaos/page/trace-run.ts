import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { plain } from '../../terminal/plain.js';

const LINES_MAX = 500;
const RESULT_BYTES_MAX = 1024 * 1024;
/** What was done has to be undone. */
const STOP_PATIENCE_MS = 20_000;

/** How a run stands. Times are milliseconds since 1970. */
export interface RunState {
  readonly trace: string;
  readonly beganAt: number;
  /** What was said so far, oldest first; of much only the newest. */
  readonly lines: readonly string[];
  /** Undefined: it goes on. */
  readonly ended: { readonly at: number; readonly status: number; readonly result: unknown } | undefined;
}

/** `aegis chaos run` in a process of its own: its load must not slow the supervisor down. */
export class TraceRun {
  private readonly child: ChildProcess;
  private readonly lines: string[] = [];
  private readonly beganAt = Date.now();
  private ended: RunState['ended'];
  private printed = '';

  /** @param command what is run, with its arguments: it says what happens on its standard error, and prints its result as JSON */
  constructor(
    private readonly trace: string,
    [program, ...argv]: readonly [string, ...string[]],
  ) {
    this.child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      if (this.printed.length < RESULT_BYTES_MAX) this.printed += text;
    });
    createInterface({ input: this.child.stderr! }).on('line', (line) => this.note(line));
    this.child.once('error', (error) => {
      this.note(error.message);
      this.end(1);
    });
    this.child.once('close', (status) => this.end(status ?? 1));
  }

  get state(): RunState {
    const { trace, beganAt, ended } = this;
    return { trace, beganAt, lines: [...this.lines], ended };
  }

  /** It undoes what it did, and ends then. */
  stop(): void {
    this.child.kill('SIGINT');
  }

  /** Stops it, and waits for its end. */
  async over(): Promise<void> {
    if (this.ended !== undefined) return;
    const end = once(this.child, 'close');
    this.stop();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_PATIENCE_MS);
    await end;
    clearTimeout(timer);
  }

  private note(line: string): void {
    this.lines.push(plain(line));
    if (this.lines.length > LINES_MAX) this.lines.shift();
  }

  private end(status: number): void {
    this.ended ??= { at: Date.now(), status, result: parsed(this.printed) };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
