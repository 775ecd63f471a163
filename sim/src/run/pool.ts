import { Worker } from 'node:worker_threads';

/** Most of what a world makes is garbage within a few simulated seconds: with room for it, next to nothing is copied. */
const YOUNG_MB = 192;

export interface PoolParts<Job, Result> {
  readonly workers: number;
  /** The file of the threads: they answer each job with one message. */
  readonly file: URL;
  /** Handed to every thread as it starts. */
  readonly data: unknown;
  readonly jobs: Iterator<Job>;
  /** What a job is called when a thread dies of it. */
  readonly nameOf: (job: Job) => string;
  /** Told of each result as it comes. False: no more jobs. */
  readonly ended: (result: Result, job: Job) => boolean;
}

/** Runs jobs on threads, each as soon as one is free. Rejects if a thread dies, naming its job. */
export async function runPool<Job, Result>(parts: PoolParts<Job, Result>): Promise<void> {
  const { workers, file, data, jobs, nameOf, ended } = parts;
  let over = false;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const thread = new Worker(file, {
        workerData: data,
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      });
      let current: Job | undefined;
      const next = (): void => {
        const { value, done } = over ? { value: undefined, done: true } : jobs.next();
        if (done === true) {
          void thread.terminate().then(() => resolve());
          return;
        }
        current = value as Job;
        thread.postMessage(value);
      };
      thread.on('message', (result: Result) => {
        if (!over && !ended(result, current as Job)) over = true;
        next();
      });
      thread.on('error', (error) => {
        over = true;
        reject(
          new Error(
            `${nameOf(current as Job)} ended its thread: ${error instanceof Error ? error.stack : String(error)}`,
          ),
        );
      });
      next();
    });
  await Promise.all(Array.from({ length: workers }, work));
}
