import type { Command } from 'commander';
import { takeDown } from '../supervisor/take-down.js';
import { withProgress } from '../terminal/progress.js';
import { chosenFolder, globalFlags } from './context.js';
import { print } from './print.js';

export function addDown(program: Command): void {
  program
    .command('down')
    .description('stop the cluster on this machine, also one that runs in the background')
    .option('--volumes', 'remove its folder with all data, logs and certificates')
    .action(async ({ volumes }: { volumes?: boolean }, command: Command) => {
      const flags = globalFlags(command);
      const folder = chosenFolder(flags);
      const done = await withProgress(`stopping the cluster in ${folder.path}`, () => takeDown(folder));
      if (done.length === 0) done.push('nothing was running');
      if (volumes === true) {
        folder.remove();
        done.push(`removed ${folder.path}`);
      }
      print(flags, { folder: folder.path, done }, done.join('\n'));
    });
}
