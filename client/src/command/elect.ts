import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import type { ElectionState } from '../election/election.js';
import type { Leadership } from '../election/leadership.js';
import { trustMarginMs } from '../lease/trust.js';
import { withProgress } from '../terminal/progress.js';
import { plain } from '../terminal/plain.js';
import { clientOf, globalFlags, reach, withClient, type GlobalFlags } from './context.js';
import { CommandFailure, EXIT } from './exit.js';
import { interruptible } from './interrupt.js';
import { withNextStep } from './next-step.js';
import { parseDuration } from './parse.js';
import { bytesText, print, printBeside } from './print.js';
import { runHeld } from './run-held.js';

/** How much of the margin between losing the leadership and the next leader the command has for ending by itself. */
const GRACE_SHARE = 0.75;

export function addElect(program: Command): void {
  const elect = program.command('elect').description('stand for election, or see who leads');
  elect
    .command('campaign', { isDefault: true })
    .argument('<election>')
    .argument('<value>', 'what others read while this candidate leads')
    .argument('[command...]', 'what to run while leading, after --; without it, lead until interrupted')
    .description('wait for the leadership and keep it (the default: aegis elect <election> <value>)')
    .option('--ttl <duration>', 'how long the leadership outlives a leader that falls silent', '10s')
    .option('--wait <duration>', 'how long to wait for it; 0: not at all; without it: as long as it takes')
    .action(
      async (election: string, value: string, command: string[], options: CampaignFlags, self: Command) => {
        process.exitCode = await campaign(election, value, command, options, globalFlags(self));
      },
    );
  elect
    .command('observe')
    .argument('<election>')
    .description('print the leader, and every later one, until interrupted')
    .action(async (election: string, _options: unknown, command: Command) => {
      const flags = globalFlags(command);
      await withClient(flags, async (client) => {
        let shown: ElectionState | undefined;
        for await (const state of client.election(election).observe()) {
          // After a reconnect the state is told again.
          if (!isDeepStrictEqual(state, shown)) show(flags, election, state);
          shown = state;
        }
      });
    });
  elect
    .command('leader')
    .argument('<election>')
    .description('print the leader; exit status 1 if nobody leads')
    .action(async (election: string, _options: unknown, command: Command) => {
      const flags = globalFlags(command);
      await withClient(flags, async (client) => {
        const state = await client.election(election).leader();
        show(flags, election, state);
        if (state.leader === undefined) process.exitCode = EXIT.failed;
      });
    });
}

interface CampaignFlags {
  readonly ttl: string;
  readonly wait?: string;
}

async function campaign(
  election: string,
  value: string,
  command: string[],
  options: CampaignFlags,
  flags: GlobalFlags,
): Promise<number> {
  const ttlMs = parseDuration('--ttl', options.ttl);
  const waitMs = options.wait === undefined ? -1 : parseDuration('--wait', options.wait, 0);
  const found = reach(flags);
  const client = clientOf(found, ttlMs);
  try {
    return await interruptible(async (signal) => {
      const leadership = await withProgress(`waiting for the leadership of ${election}`, () =>
        client.election(election).campaign(value, { waitMs, signal }),
      );
      if (command.length > 0) {
        printBeside(flags, { election, token: leadership.token, value });
        return runHeld(leadership, command, trustMarginMs(ttlMs) * GRACE_SHARE);
      }
      print(
        flags,
        { election, token: leadership.token, value },
        `leads ${plain(election)} with token ${leadership.token}`,
      );
      await untilLost(leadership, signal);
      return EXIT.ok;
    });
  } catch (error) {
    throw withNextStep(error, found);
  } finally {
    await client.close();
  }
}

/** Ends when the command is interrupted; fails when the leadership is lost. */
async function untilLost(leadership: Leadership, interrupted: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    interrupted.addEventListener('abort', () => resolve(), { once: true });
    leadership.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  if (leadership.lost !== undefined) throw new CommandFailure(EXIT.lost, leadership.lost.message);
  await leadership.resign().catch(() => undefined);
}

function show(flags: GlobalFlags, election: string, { leader, candidates }: ElectionState): void {
  if (leader === undefined)
    return print(flags, { election, leader: null, candidates }, `${plain(election)}: nobody leads`);
  const value = bytesText(leader.value);
  const { token, lease } = leader;
  print(
    flags,
    { election, leader: { value, token, lease }, candidates },
    `${plain(election)}: ${plain(value)} (token ${token})`,
  );
}
