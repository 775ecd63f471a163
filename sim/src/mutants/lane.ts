import { Worker } from 'node:worker_threads';

import type { SeedPlan } from '../run/run-seed.js';
import type { Verdict, WorkerData } from './worker.js';

/** A seed that takes longer than this in wall time is a world that no longer moves. */
const SEED_MS_MAX = 120_000;

/** One thread with one mutant. A mutant may break more than an invariant: a thread that dies or hangs was caught, too. */
export class Lane {
  readonly #worker: Worker;

  constructor(mutant: string | undefined, plan: SeedPlan) {
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: { mutant, plan } satisfies WorkerData,
    });
  }

  run(seed: number): Promise<Verdict> {
    return new Promise((resolve) => {
      const worker = this.#worker;
      const settle = (verdict: Verdict): void => {
        clearTimeout(timer);
        // Its own listeners only: a thread without any of those that came with it hears nothing any more.
        worker.off('message', settle).off('error', died);
        resolve(verdict);
      };
      const died = (error: unknown): void =>
        settle({ invariant: `no exception (${String(error).slice(0, 80)})`, simulatedMs: 0 });
      const timer = setTimeout(
        () => settle({ invariant: `no progress in ${SEED_MS_MAX} ms`, simulatedMs: 0 }),
        SEED_MS_MAX,
      );
      worker.on('message', settle).on('error', died);
      this.#worker.postMessage(seed);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
