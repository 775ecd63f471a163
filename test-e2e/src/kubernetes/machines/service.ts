import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

import { eventually } from '../../harness/clock.js';
import { startedAt } from '../../harness/guard-orders.js';

const STOP_MS_MAX = 10_000;
const LINES_SHOWN = 15;

/** A program that runs in a machine: it can be paused, killed, and started again. */
export class Service {
  readonly #started: string | undefined;

  private constructor(
    readonly name: string,
    readonly log: string,
    /** Its process id out here. */
    readonly pid: number,
  ) {
    this.#started = startedAt(pid);
  }

  /** @param argv what enters the machine, and there starts the program as its only child */
  static async start(
    name: string,
    argv: readonly string[],
    log: string,
    env: NodeJS.ProcessEnv,
  ): Promise<Service> {
    const file = openSync(log, 'a');
    const [program, ...rest] = argv;
    const entered = spawn(program!, rest, {
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', file, file],
    });
    closeSync(file);
    await once(entered, 'spawn');
    const pid = await eventually(`the start of ${name}`, 5_000, () => {
      if (entered.exitCode !== null) throw new Error(`${name} ended at once:\n${lastLines(log)}`);
      const children = readFileSync(`/proc/${entered.pid}/task/${entered.pid}/children`, 'utf8').trim();
      return children === '' ? undefined : Number(children.split(' ')[0]);
    });
    // Who enters would stop itself when the program is paused, and not bury it then: process 1 of the machine does.
    entered.kill('SIGKILL');
    return new Service(name, log, pid);
  }

  get running(): boolean {
    return this.#started !== undefined && startedAt(this.pid) === this.#started;
  }

  /** SIGSTOP and SIGCONT pause it and let it go on. */
  signal(name: NodeJS.Signals): void {
    if (this.running) process.kill(this.pid, name);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await eventually(`the end of ${this.name}`, STOP_MS_MAX, () => (this.running ? undefined : true));
  }

  /** Waits until `look` sees what it looks for; fails early, with the last that was said, if the program ends before. */
  async until<T>(
    what: string,
    withinMs: number,
    look: () => Promise<T | undefined> | T | undefined,
  ): Promise<T> {
    try {
      return await eventually(
        `${this.name}: ${what}`,
        withinMs,
        () => {
          if (!this.running) throw new Error(`${this.name} ended before: ${what}`);
          return look();
        },
        100,
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.tail()}`, { cause: error });
    }
  }

  /** The last that it said, for failures. */
  tail(): string {
    return `--- ${this.name}\n${lastLines(this.log)}`;
  }
}

function lastLines(log: string): string {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LINES_SHOWN);
  return lines.map((line) => `    ${line.slice(0, 400)}`).join('\n');
}
