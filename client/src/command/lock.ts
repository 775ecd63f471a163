import type { Command } from 'commander';
import { trustMarginMs } from '../lease/trust.js';
import { withProgress } from '../terminal/progress.js';
import { clientOf, globalFlags, reach } from './context.js';
import { UsageError } from './exit.js';
import { interruptible } from './interrupt.js';
import { withNextStep } from './next-step.js';
import { parseDuration, parseWhole } from './parse.js';
import { printBeside } from './print.js';
import { runHeld } from './run-held.js';

interface LockFlags {
  readonly ttl: string;
  readonly wait?: string;
  readonly shared?: boolean;
  readonly permits?: string;
  readonly lockDelay?: string;
}

/** How much of the margin between losing a lock and its next grant the command has for ending by itself. */
const GRACE_SHARE = 0.75;
const LOCK_DELAY_MS_MAX = 600_000;

export function addLock(program: Command): void {
  program
    .command('lock')
    .argument('<name>', 'the lock')
    .argument('<command...>', 'what to run while holding it, after --')
    .usage('[options] <name> -- <command...>')
    .description('run a command while holding a lock; its fencing token is in AEGIS_FENCING_TOKEN')
    .option('--ttl <duration>', 'how long the lock outlives a holder that falls silent', '10s')
    .option('--wait <duration>', 'how long to wait for it; 0: not at all; without it: as long as it takes')
    .option('--shared', 'share it with other holders that say so')
    .option('--permits <n>', 'a semaphore: up to n holders')
    .option('--lock-delay <duration>', 'how long it rests if this holder ends without a release', '0')
    .action(async (name: string, command: string[], options: LockFlags, self: Command) => {
      process.exitCode = await lock(name, command, options, self);
    });
}

async function lock(name: string, command: string[], options: LockFlags, self: Command): Promise<number> {
  const ttlMs = parseDuration('--ttl', options.ttl);
  if (options.shared === true && options.permits !== undefined) {
    throw new UsageError('--shared and --permits: a lock is the one or the other');
  }
  const settings = {
    lockDelayMs: parseDuration('--lock-delay', options.lockDelay ?? '0', 0, LOCK_DELAY_MS_MAX),
    waitMs: options.wait === undefined ? -1 : parseDuration('--wait', options.wait, 0),
    ...(options.shared === true ? { mode: 'shared' as const } : {}),
    ...(options.permits === undefined
      ? {}
      : { permits: parseWhole('--permits', options.permits, 1, 1_000_000) }),
  };
  const flags = globalFlags(self);
  const found = reach(flags);
  const client = clientOf(found, ttlMs);
  try {
    const held = await withProgress(`waiting for the lock ${name}`, () =>
      interruptible((signal) => client.lock(name, settings).acquire({ signal })),
    );
    printBeside(flags, { lock: name, token: held.token });
    const status = await runHeld(held, command, trustMarginMs(ttlMs) * GRACE_SHARE);
    // The command is done: if the release is not answered, the end of the session frees the lock.
    await held.release().catch(() => undefined);
    return status;
  } catch (error) {
    throw withNextStep(error, found);
  } finally {
    await client.close();
  }
}
