import type { WorkQueue } from './work-queue.js';

/** What is to become of a key that was worked on: nothing, or another look after this time. */
export interface Outcome {
  readonly againAfterMs?: number;
}

export interface WorkersOptions {
  readonly workers: number;
  readonly onFailure: (key: string, error: unknown, pauseMs: number) => void;
}

/** Works the queue off until it is closed. A failure concerns its key alone. */
export async function runWorkers(
  queue: WorkQueue,
  work: (key: string) => Promise<Outcome>,
  { workers, onFailure }: WorkersOptions,
): Promise<void> {
  const worker = async (): Promise<void> => {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      try {
        const { againAfterMs } = await work(key);
        queue.forget(key);
        if (againAfterMs !== undefined) queue.addAfter(key, againAfterMs);
      } catch (error) {
        onFailure(key, error, queue.addFailed(key));
      } finally {
        queue.done(key);
      }
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
}
