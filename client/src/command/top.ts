import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import type { KnownMember } from '../status/collect.js';
import { knownMembers } from '../supervisor/known-members.js';
import { plain } from '../terminal/plain.js';
import { styleFor } from '../terminal/style.js';
import { Following } from '../top/follow.js';
import { newestIncidents } from '../top/incidents.js';
import { showLive, type Glance } from '../top/live.js';
import { lookAt } from '../top/look.js';
import { topLines } from '../top/render.js';
import type { TopView } from '../top/view.js';
import { chosenFolder, globalFlags, withClient, type GlobalFlags, type Reach } from './context.js';
import { describeError } from './exit.js';
import { interruptible } from './interrupt.js';
import { nobodyAnswers, withNextStep } from './next-step.js';
import { parseDuration } from './parse.js';
import { printStyled } from './print.js';

const INTERVAL_MS = { min: 200, max: 60_000 } as const;

export function addTop(program: Command): void {
  program
    .command('top')
    .description('watch the replicas live: who leads, how fast they are, what clients hold, incidents')
    .option('--interval <duration>', 'how often it looks, 200ms to 1m (default: 1s)')
    .action(async ({ interval = '1s' }: { readonly interval?: string }, command: Command) => {
      const flags = globalFlags(command);
      const intervalMs = parseDuration('--interval', interval, INTERVAL_MS.min, INTERVAL_MS.max);
      await withClient(flags, ({ cluster }, reach) => {
        const take = views(cluster, flags, reach);
        const { stdout: output, stdin: input } = process;
        const live = output.isTTY && flags.json !== true && process.env['TERM'] !== 'dumb';
        if (!live) return snapshot(take, intervalMs, flags);
        const options = { intervalMs, interval, input, output, style: styleFor(output) };
        const glance = (): Promise<Glance> =>
          take().then(
            (view) => ({ view }),
            (error: unknown) => ({ problem: plain(describeError(withNextStep(error, reach))) }),
          );
        return interruptible((signal) => showLive(glance, options, signal));
      });
    });
}

/** They were asked just before: this is only to hear why not. */
const ANSWER_MS = 1_500;

/** Looks again and again; each view is compared with the one before. */
function views(cluster: Cluster, flags: GlobalFlags, { known }: Reach): () => Promise<TopView> {
  const folder = known.length === 0 ? undefined : chosenFolder(flags);
  const following = new Following();
  return async () => {
    // Who is in a place may be another one by now.
    const state = folder?.read();
    const members: readonly KnownMember[] = state === undefined ? known : knownMembers(state);
    const look = await lookAt(cluster, members);
    if (look.status.members.length === 0) throw nobodyAnswers(await cluster.statuses(ANSWER_MS));
    return following.take(look, newestIncidents(folder?.agentPath));
  };
}

/** Two looks, so that there are rates. */
async function snapshot(take: () => Promise<TopView>, intervalMs: number, flags: GlobalFlags): Promise<void> {
  await take();
  await sleep(intervalMs);
  const view = await take();
  const lines = topLines(view, { columns: Infinity, style: styleFor({ isTTY: false }) });
  printStyled(flags, view, lines.join('\n'));
}
