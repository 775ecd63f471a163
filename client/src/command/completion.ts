import { Argument, type Command } from 'commander';
import { bashCompletion } from './completion/bash.js';
import { fishCompletion } from './completion/fish.js';
import { completionNodes } from './completion/nodes.js';
import { SHELLS, type Shell } from './completion/shells.js';
import { zshCompletion } from './completion/zsh.js';
import { globalFlags } from './context.js';
import { commandTable } from './manual/table.js';
import { printStyled } from './print.js';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'whose script it is to be').choices(SHELLS))
    .description('print a script with which a shell completes commands, options and files')
    .action(async (shell: Shell, _options: unknown, command: Command) => {
      const script = SCRIPTS[shell](await completionNodes(commandTable(program)));
      printStyled(globalFlags(command), { shell, script }, script.trimEnd());
    });
}
