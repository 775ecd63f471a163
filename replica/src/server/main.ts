#!/usr/bin/env node
import { restoreFolder } from './backup/restore-folder.js';
import { readBootstrapRecord } from './folder/bootstrap-record.js';
import { DataFolder } from './folder/data-folder.js';
import { EXIT, RefusedStart } from './exit.js';
import { Logger } from './logger.js';
import { parseOptions, type StartOptions, USAGE } from './options.js';
import { Replica } from './replica.js';
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
    logger.error('the replica ends', { error: text(error) });
    process.exit(EXIT.internal);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
  const injection = options.allowFaults
    ? (await import('./faults/index.js')).faultInjection(options.data)
    : undefined;
  const replica = await Replica.start(options, injection?.world ?? realWorld, logger, end);
  const control = await injection?.listen(logger);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(EXIT.internal), STOP_MS_MAX).unref();
    control?.close();
    replica.stop().then(() => process.exit(EXIT.ok), end);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function text(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

main().catch((error: unknown) => {
  const refused = error instanceof RefusedStart;
  process.stderr.write(`aegis-replica: ${refused ? error.message : text(error)}\n`);
  process.exit(refused ? EXIT[error.reason] : EXIT.internal);
});
