import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { eventually, within } from './clock.js';
import type { Guardian } from './guardian.js';

const LINES_KEPT = 2_000;

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that a test started: what it said, how it ended. */
export class Spawned {
  readonly name: string;
  readonly argv: readonly string[];
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  /** Resolves when it is gone and all that it said was read. */
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  #ending: Ending | undefined;

  constructor(
    guardian: Guardian,
    name: string,
    argv: readonly string[],
    env: Readonly<Record<string, string>> = {},
    cwd?: string,
  ) {
    this.name = name;
    this.argv = argv;
    const child = spawn(process.execPath, argv, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const pid = child.pid;
    if (pid !== undefined) guardian.watch(pid);
    keep(child.stdout, this.stdout);
    keep(child.stderr, this.stderr);
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => this.stderr.push(String(error)));
      child.once('close', (code, signal) => {
        if (pid !== undefined) guardian.forget(pid);
        this.#ending = { code, signal };
        resolve(this.#ending);
      });
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.name} could not be started`);
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#ending === undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Its exit status; fails if it does not end in time, or by a signal. */
  async status(withinMs: number): Promise<number> {
    const { code, signal } = await within(`the end of ${this.name}`, withinMs, this.ended);
    if (code === null) throw new Error(`${this.name} was ended by ${signal}`);
    return code;
  }

  /** The first line, of either output, that there is or will be and that `matches`. */
  line(what: string, withinMs: number, matches: (line: string) => boolean): Promise<string> {
    return eventually(`${this.name} saying ${what}`, withinMs, () => {
      const found = this.stdout.find(matches) ?? this.stderr.find(matches);
      if (found === undefined && this.#ending !== undefined) {
        throw new Error(`${this.name} ended without saying ${what}:\n${this.tail()}`);
      }
      return found;
    });
  }

  /** The last that it said, for failures. */
  tail(lines = 15): string {
    const how = this.#ending === undefined ? 'running' : `ended: ${JSON.stringify(this.#ending)}`;
    const said = [...this.stdout.slice(-lines), ...this.stderr.slice(-lines)];
    return `--- ${this.name} (${how})\n${said.map((line) => `    ${line.slice(0, 400)}`).join('\n')}`;
  }
}

function keep(stream: NodeJS.ReadableStream, lines: string[]): void {
  createInterface({ input: stream }).on('line', (line) => {
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.splice(0, LINES_KEPT / 2);
  });
}
