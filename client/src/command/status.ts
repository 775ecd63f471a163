import type { Command } from 'commander';
import { collectStatus } from '../status/collect.js';
import { renderStatus } from '../status/render.js';
import { globalFlags, withClient } from './context.js';
import { CommandFailure, EXIT } from './exit.js';
import { print } from './print.js';

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show who leads and how every member is; exit status 3 without a leader')
    .action(async (_options: unknown, command: Command) => {
      const flags = globalFlags(command);
      await withClient(flags, async ({ cluster }, { known, profile }) => {
        const collected = await collectStatus(cluster, known);
        const status = { ...collected, profile: collected.profile || (profile ?? '') };
        if (status.members.length === 0) throw new CommandFailure(EXIT.unavailable, 'no replica answers');
        print(flags, status, renderStatus(status));
        if (status.leader === null) process.exitCode = EXIT.unavailable;
      });
    });
}
