import { UnknownCommandError } from '../state/index.js';
import { EXIT, RefusedStart } from './exit.js';
import { moveAside } from './folder/move-aside.js';
import { Logger } from './logger.js';
import type { StartOptions } from './options.js';
import { Replica } from './replica.js';
import { statusOf, text } from './why.js';
import { realWorld } from './world.js';

/** How long a stop may take before the process ends without it. */
const STOP_MS_MAX = 8000;

/** Runs a replica until it is asked to end, or must. */
export async function start(options: StartOptions): Promise<void> {
  const logger = new Logger(options.logLevel);
  const injection = options.allowFaults
    ? (await import('./faults/index.js')).faultInjection(options.data)
    : undefined;
  let replica: Replica | undefined;
  let control: { close(): void } | undefined;
  let stopping = false;
  /** Somebody asked for the end. */
  let asked = false;
  /** Stops the replica in good order, and ends with this status unless it begins anew. */
  const leave = async (status: number, anew: boolean): Promise<void> => {
    if (stopping) return;
    stopping = true;
    const late = setTimeout(() => process.exit(status === EXIT.ok ? EXIT.internal : status), STOP_MS_MAX);
    control?.close();
    await replica!.stop();
    clearTimeout(late);
    if (!anew) process.exit(status);
    if (asked) process.exit(EXIT.ok);
    replica = undefined;
    setAside();
    stopping = false;
    await begin();
  };
  const end = (cause: unknown): void => {
    if (cause instanceof RefusedStart) {
      process.stderr.write(`aegis-replica: ${cause.message}\n`);
      const status = EXIT[cause.reason];
      // Who was removed leaves clients and peers in good order; who must not be believed answers nobody any more.
      if (replica === undefined || cause.reason !== 'removed') process.exit(status);
      leave(status, options.whenRemoved === 'move-aside').catch(end);
      return;
    }
    logger.error('the replica ends', { error: text(cause) });
    if (cause instanceof UnknownCommandError) process.stderr.write(`aegis-replica: ${cause.message}\n`);
    process.exit(statusOf(cause));
  };
  const setAside = (): void => {
    const aside = moveAside(options.data, new Date());
    logger.info('the folder of the removed member is moved aside; joining with a new one', { aside });
  };
  const begin = async (): Promise<void> => {
    try {
      replica = await Replica.start(options, injection?.world ?? realWorld, logger, end);
    } catch (error) {
      // Of a folder that waited to be added: the cluster knew it, and has removed it.
      const removed = error instanceof RefusedStart && error.reason === 'removed';
      if (!removed || options.whenRemoved === 'end') throw error;
      setAside();
      await begin();
      return;
    }
    control = await injection?.listen(logger);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      asked = true;
      // It waits for the record or to be added, and holds nothing; as process 1 of a container it would not even end.
      if (replica === undefined && !stopping) process.exit(EXIT.ok);
      leave(EXIT.ok, false).catch(end);
    });
  }
  await begin();
}
