import { setTimeout as sleep } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import type { Client } from '../client.js';
import { table } from '../status/render.js';
import { plain } from '../terminal/plain.js';
import { globalFlags, withClient } from './context.js';
import { CommandFailure, EXIT } from './exit.js';
import { parseDuration, parseLease, parseWhole } from './parse.js';
import { bytesText, print, showMs } from './print.js';

export function addLease(program: Command): void {
  const lease = program.command('lease').description('grant leases and look after them');
  lease
    .command('grant')
    .description('a new lease; prints its id')
    .requiredOption('--ttl <duration>', 'how long it lives without a keepalive')
    .option('--id <lease>', 'its id; chosen by the cluster unless told')
    .action(async (options: { ttl: string; id?: string }, command: Command) => {
      const flags = globalFlags(command);
      const ttlMs = parseDuration('--ttl', options.ttl);
      const id = options.id === undefined ? '0' : parseLease(options.id);
      await withClient(flags, async ({ leases }) => {
        const granted = await leases.grant(ttlMs, id);
        print(flags, { lease: granted.lease, ttlMs: granted.ttlMs }, granted.lease);
      });
    });
  lease
    .command('revoke')
    .argument('<lease>')
    .description('end a lease and all that hangs on it')
    .action(async (id: string, _options: unknown, command: Command) => {
      const flags = globalFlags(command);
      await withClient(flags, async ({ leases }) => {
        await leases.revoke(parseLease(id));
        print(flags, { lease: parseLease(id), revoked: true }, `lease ${parseLease(id)} revoked`);
      });
    });
  lease
    .command('keep-alive')
    .argument('<lease>')
    .description('keep a lease alive until interrupted, or once')
    .option('--once', 'renew it once and end')
    .action(async (id: string, { once }: { once?: boolean }, command: Command) => {
      const flags = globalFlags(command);
      await withClient(flags, async (client) => {
        for (;;) {
          const ttlMs = await renew(client, parseLease(id));
          print(
            flags,
            { lease: parseLease(id), ttlMs },
            `lease ${parseLease(id)} renewed for ${showMs(ttlMs)}`,
          );
          if (once === true) return;
          await sleep(ttlMs / 3);
        }
      });
    });
  lease
    .command('ttl')
    .argument('<lease>')
    .description('what is left of a lease, and what hangs on it')
    .action(async (id: string, _options: unknown, command: Command) => {
      const flags = globalFlags(command);
      await withClient(flags, async ({ leases }) => {
        const left = await leases.timeToLive(parseLease(id));
        const hanging = left.attachments.map(
          ({ kind, name, token }) =>
            `\n  ${kind} ${plain(name)}: ${token === 0 ? 'waits' : `token ${token}`}`,
        );
        const keys = left.keys.map((key) => `\n  key ${plain(bytesText(key))}`);
        const more = left.keyCount > keys.length ? `\n  and ${left.keyCount - keys.length} more keys` : '';
        const head = `${showMs(left.remainingMs)} left of ${showMs(left.ttlMs)}`;
        const json = { ...left, keys: left.keys.map(bytesText) };
        print(flags, json, [head, ...hanging, ...keys, more].join(''));
      });
    });
  lease
    .command('list')
    .description('all leases, in the order of their ids')
    .addOption(new Option('--limit <n>', 'at most so many').default('1000'))
    .action(async (options: { limit: string }, command: Command) => {
      const flags = globalFlags(command);
      const limit = parseWhole('--limit', options.limit, 1, 10_000_000);
      await withClient(flags, async (client) => list(client, limit, command));
    });
}

async function renew({ leases }: Client, id: string): Promise<number> {
  const [ttlMs] = await leases.keepAlive([id]);
  if (ttlMs !== undefined && ttlMs > 0) return ttlMs;
  throw new CommandFailure(EXIT.failed, `there is no lease ${id}: it expired, was revoked, or never was`);
}

async function list({ leases }: Client, limit: number, command: Command): Promise<void> {
  const all = [];
  let total = 0;
  for (let after = '0', more = true; more && all.length < limit; after = all.at(-1)?.lease ?? '0') {
    const page = await leases.list(after, Math.min(1_000, limit - all.length));
    all.push(...page.leases);
    total = page.total;
    more = page.more && page.leases.length > 0;
  }
  const rows = all.map(({ lease, ttlMs, remainingMs, attachments }) => [
    lease,
    ttlMs,
    remainingMs,
    attachments,
  ]);
  const text = `${table(['LEASE', 'TTL MS', 'LEFT MS', 'ATTACHED'], rows)}\n${all.length} of ${total}`;
  print(globalFlags(command), { leases: all, total }, text);
}
