import type { Command } from 'commander';
import { withProgress } from '../terminal/progress.js';
import { globalFlags, withClient } from './context.js';
import { parseWhole } from './parse.js';
import { print } from './print.js';

export function addTransfer(program: Command): void {
  program
    .command('transfer-leader')
    .argument('[id]', 'the member that is to lead; the most caught-up one unless told')
    .description('hand leadership over')
    .action(async (id: string | undefined, _options: unknown, command: Command) => {
      const flags = globalFlags(command);
      const target = id === undefined ? 0 : parseWhole('ID', id, 1, Number.MAX_SAFE_INTEGER);
      await withClient(
        flags,
        async ({ cluster }) => {
          const { leaderId, term } = await withProgress('handing leadership over', () =>
            cluster.transferLeadership(target),
          );
          print(flags, { leader: leaderId, term }, `member ${leaderId} leads, term ${term}`);
        },
        'admin',
      );
    });
}
