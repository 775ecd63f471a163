import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { startedAt, type Order } from './guard-orders.js';

/** Nothing that a test started outlives it, whatever happens to the test: a process apart sees to it. */
export class Guardian {
  readonly #guard: ChildProcess;

  constructor() {
    const program = fileURLToPath(new URL('guard.js', import.meta.url));
    // Detached, so that Ctrl-C in a terminal ends the tests and not the guard.
    this.#guard = spawn(process.execPath, [program], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    this.#guard.stdin!.on('error', () => {});
  }

  watch(pid: number): void {
    this.#tell({ order: 'watch', pid, started: startedAt(pid) });
  }

  forget(pid: number): void {
    this.#tell({ order: 'forget', pid });
  }

  /** A Node program to run at the end, unless it is taken back by `done`. */
  run(key: string, argv: readonly string[]): void {
    this.#tell({ order: 'run', key, argv });
  }

  done(key: string): void {
    this.#tell({ order: 'done', key });
  }

  remove(folder: string): void {
    this.#tell({ order: 'remove', folder });
  }

  /** Has it end what is left, now. */
  async close(): Promise<void> {
    const gone = this.#guard.exitCode === null ? once(this.#guard, 'exit') : undefined;
    this.#guard.stdin!.end();
    await gone;
  }

  #tell(order: Order): void {
    this.#guard.stdin!.write(`${JSON.stringify(order)}\n`);
  }
}
