#!/usr/bin/env node
import { UnknownCommandError } from '../state/index.js';
import { restoreFolder } from './backup/restore-folder.js';
import { readBootstrapRecord } from './folder/bootstrap-record.js';
import { DataFolder } from './folder/data-folder.js';
import { EXIT, RefusedStart } from './exit.js';
import { Logger } from './logger.js';
import { parseOptions, type StartOptions, USAGE } from './options.js';
import { Replica } from './replica.js';
import { isFailedDisk } from './space/failed-disk.js';
import { realWorld } from './world.js';

/** How long a stop may take before the process ends without it. */
const STOP_MS_MAX = 8000;

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  switch (options.command) {
    case 'help':
      process.stdout.write(USAGE);
      return;
    case 'prepare':
      process.stdout.write(`${JSON.stringify({ nonce: DataFolder.prepare(options.data).identity.nonce })}\n`);
      return;
    case 'restore': {
      const { data, backup, bootstrap } = options;
      const restored = await restoreFolder(data, backup, readBootstrapRecord(bootstrap), realWorld);
      process.stdout.write(`${JSON.stringify(restored)}\n`);
      return;
    }
    case 'start':
      await run(options);
  }
}

async function run(options: StartOptions): Promise<void> {
  const logger = new Logger(options.logLevel);
  const end = (error: unknown): void => {
    if (error instanceof RefusedStart) {
      process.stderr.write(`aegis-replica: ${error.message}\n`);
      // Who was removed leaves clients and peers in good order; who must not be believed answers nobody any more.
      if (replica === undefined || error.reason !== 'removed') process.exit(EXIT[error.reason]);
      stop(EXIT[error.reason]);
      return;
    }
    logger.error('the replica ends', { error: text(error) });
    if (error instanceof UnknownCommandError) process.stderr.write(`aegis-replica: ${error.message}\n`);
    process.exit(statusOf(error));
  };
  let replica: Replica | undefined;
  let stopping = false;
  const stop = (status: number): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(status === EXIT.ok ? EXIT.internal : status), STOP_MS_MAX).unref();
    control?.close();
    replica!.stop().then(() => process.exit(status), end);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
  const injection = options.allowFaults
    ? (await import('./faults/index.js')).faultInjection(options.data)
    : undefined;
  replica = await Replica.start(options, injection?.world ?? realWorld, logger, end);
  const control = await injection?.listen(logger);
  process.on('SIGTERM', () => stop(EXIT.ok));
  process.on('SIGINT', () => stop(EXIT.ok));
}

function statusOf(error: unknown): number {
  if (error instanceof RefusedStart) return EXIT[error.reason];
  // As with any folder that is refused, a restart would come to the same entry.
  if (error instanceof UnknownCommandError) return EXIT.data;
  return isFailedDisk(error) ? EXIT.disk : EXIT.internal;
}

function text(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

main().catch((error: unknown) => {
  process.stderr.write(`aegis-replica: ${error instanceof RefusedStart ? error.message : text(error)}\n`);
  process.exit(statusOf(error));
});
