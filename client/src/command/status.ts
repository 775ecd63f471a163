import type { Command } from 'commander';
import { collectStatus } from '../status/collect.js';
import { renderStatus } from '../status/render.js';
import { plain } from '../terminal/plain.js';
import { globalFlags, withClient } from './context.js';
import { EXIT } from './exit.js';
import { nextIn, nobodyAnswers } from './next-step.js';
import { print } from './print.js';

/** They were asked just before: this is only to hear why not. */
const ANSWER_MS = 1_500;

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show who leads and how every member is; exit status 3 without a leader')
    .action(async (_options: unknown, command: Command) => {
      const flags = globalFlags(command);
      await withClient(flags, async ({ cluster }, { known, profile, folder }) => {
        const collected = await collectStatus(cluster, known);
        const status = { ...collected, profile: collected.profile || (profile ?? '') };
        if (status.members.length === 0) throw nobodyAnswers(await cluster.statuses(ANSWER_MS));
        print(flags, status, renderStatus(status));
        if (status.leader !== null) return;
        process.exitCode = EXIT.unavailable;
        const next = folder === undefined ? undefined : nextIn(folder);
        if (next !== undefined) process.stderr.write(`aegis: no leader. ${plain(next)}\n`);
      });
    });
}
