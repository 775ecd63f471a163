import { constants } from 'node:os';
import { CommandFailure } from './exit.js';

/**
 * Runs `work` with a signal that is aborted by Ctrl-C and its like; the command then ends with 128 + n.
 * @param deaf asked at Ctrl-C: whether it is meant for somebody else
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  deaf: () => boolean = () => false,
): Promise<T> {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const abort = (name: NodeJS.Signals): void => {
    if (name === 'SIGINT' && deaf()) return;
    controller.abort(new CommandFailure(128 + constants.signals[name], 'interrupted'));
  };
  for (const name of names) process.on(name, abort);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    for (const name of names) process.off(name, abort);
  }
}
