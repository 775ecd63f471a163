import { LockMode, type Holder, type LockDescription, type LockEvent } from '@aegis/proto/v1/lock';
import { lockEventTypeToJSON, lockModeToJSON } from '@aegis/proto/v1/lock';
import type { Command } from 'commander';
import { table } from '../status/render.js';
import { plain } from '../terminal/plain.js';
import { globalFlags, withClient } from './context.js';
import { print } from './print.js';

export function addLocks(program: Command): void {
  program
    .command('locks')
    .argument('[prefix]', 'only names that begin with this', '')
    .description('list the locks that are held or waited for')
    .action(async (prefix: string, _options: unknown, command: Command) => {
      const flags = globalFlags(command);
      await withClient(flags, async (client) => {
        const locks = [];
        for (let after = '', more = true; more; after = locks.at(-1)?.name ?? '') {
          const page = await client.listLocks(prefix, { after });
          locks.push(...page.locks);
          more = page.more && page.locks.length > 0;
        }
        const rows = locks.map((lock) => [
          lock.name,
          modeName(lock.mode),
          lock.holderCount,
          lock.waiterCount,
          lock.newestToken,
        ]);
        const json = locks.map((lock) => ({ ...lock, mode: modeName(lock.mode) }));
        print(flags, { locks: json }, table(['NAME', 'MODE', 'HOLDERS', 'WAITERS', 'NEWEST TOKEN'], rows));
      });
    });
  program
    .command('describe')
    .argument('<name>', 'the lock')
    .description('show who holds a lock and who waits for it')
    .option('--watch', 'then every change, until interrupted')
    .action(async (name: string, { watch }: { watch?: boolean }, command: Command) => {
      const flags = globalFlags(command);
      await withClient(flags, async (client) => {
        if (watch === true) {
          for await (const event of client.watchLock(name)) print(flags, eventJson(event), eventText(event));
          return;
        }
        const lock = await client.describeLock(name);
        print(flags, lockJson(lock), lockText(lock));
      });
    });
}

export function modeName(mode: LockMode): string {
  return mode === LockMode.UNSPECIFIED
    ? 'free'
    : lockModeToJSON(mode).replace('LOCK_MODE_', '').toLowerCase();
}

function lockJson(lock: LockDescription): unknown {
  const holders = lock.holders.map(({ lease, claim, mode, token }) => ({
    lease,
    claim,
    mode: modeName(mode),
    token,
  }));
  const waiters = lock.waiters.map((waiter) => ({ ...waiter, mode: modeName(waiter.mode) }));
  return { ...lock, mode: modeName(lock.mode), holders, waiters };
}

function lockText(lock: LockDescription): string {
  const permits = lock.mode === LockMode.SEMAPHORE ? ` of ${lock.permits} permits` : '';
  const rest = lock.delayRemainingMs > 0 ? `, rests for another ${lock.delayRemainingMs} ms` : '';
  const lines = [
    `${plain(lock.name)}: ${modeName(lock.mode)}${permits}, ${lock.holderCount} hold it, ${lock.waiterCount} wait${rest}`,
  ];
  for (const holder of lock.holders) lines.push(`  ${holderText(holder)}`);
  for (const [place, { lease, claim, mode, waitRemainingMs }] of lock.waiters.entries()) {
    const wait = waitRemainingMs < 0 ? 'without limit' : `for another ${waitRemainingMs} ms`;
    lines.push(`  waits in place ${place + 1}, ${wait}: ${modeName(mode)}, lease ${lease}, claim ${claim}`);
  }
  return lines.join('\n');
}

function holderText({ lease, claim, mode, token }: Holder): string {
  return `holds it with token ${token}: ${modeName(mode)}, lease ${lease}, claim ${claim}`;
}

function eventName({ type }: LockEvent): string {
  return lockEventTypeToJSON(type).replace('LOCK_EVENT_TYPE_', '').toLowerCase();
}

function eventJson(event: LockEvent): unknown {
  const state = event.state === undefined ? undefined : lockJson(event.state);
  return { ...event, type: eventName(event), state };
}

function eventText(event: LockEvent): string {
  if (event.state !== undefined) return lockText(event.state);
  const token = event.token === 0 ? '' : `, token ${event.token}`;
  return `${event.index}: ${eventName(event)}, lease ${event.lease}, claim ${event.claim}${token}`;
}
