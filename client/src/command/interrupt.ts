import { constants } from 'node:os';
import { CommandFailure } from './exit.js';

/** Runs `work` with a signal that is aborted by Ctrl-C and its like; the command then ends with 128 + n. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const abort = (name: NodeJS.Signals): void =>
    controller.abort(new CommandFailure(128 + constants.signals[name], 'interrupted'));
  for (const name of names) process.on(name, abort);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    for (const name of names) process.off(name, abort);
  }
}
