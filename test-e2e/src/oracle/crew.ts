import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Job, Result } from './runner.js';

const workerFile = fileURLToPath(new URL('worker.js', import.meta.url));

/** One worker process, which does one job at a time. */
export class Worker {
  private readonly child: ChildProcess;
  private readonly ended: Promise<never>;

  /** With the name of a mutant, our core is broken in that way. */
  constructor(program: string, mutant: string) {
    this.child = fork(workerFile, [program, mutant]);
    this.ended = once(this.child, 'exit').then(([code, signal]) => {
      throw new Error(`a worker ended: ${String(signal ?? code)}`);
    });
    // Whoever waits for a job hears of it; after the last job nobody does.
    this.ended.catch(() => {});
  }

  run(job: Job): Promise<Result> {
    this.child.send(job);
    const answer = new Promise<Result>((resolve) => {
      this.child.once('message', (result) => resolve(result as Result));
    });
    return Promise.race([answer, this.ended]);
  }

  end(): void {
    this.child.disconnect();
  }
}
