import type { Command } from 'commander';
import { columnsOf } from '../terminal/size.js';
import { styleFor } from '../terminal/style.js';
import { globalFlags } from './context.js';
import { UsageError } from './exit.js';
import { manualJson, manualPage } from './manual/render.js';
import { commandTable, flattened, type Entry } from './manual/table.js';
import { printStyled } from './print.js';

/** Bounds of a page: longer lines are hard to read. */
const COLUMNS_MIN = 40;
const COLUMNS_MAX = 100;

export function addHelp(program: Command): void {
  program
    .helpCommand(false)
    .command('help')
    .argument('[command...]', 'its words, such as: kv get')
    .description('show the whole page of a command: synopsis, options, JSON, exit statuses, examples')
    .action((words: readonly string[], _options: unknown, command: Command) => {
      const flags = globalFlags(command);
      const table = commandTable(program);
      if (words.length === 0) {
        const pages = flattened(table).slice(1).map(manualJson);
        return printStyled(flags, pages, program.helpInformation().trimEnd());
      }
      const entry = entryAt(table, words);
      const columns = Math.min(Math.max(columnsOf(process.stdout), COLUMNS_MIN), COLUMNS_MAX);
      printStyled(flags, manualJson(entry), manualPage(entry, table, columns, styleFor(process.stdout)));
    });
}

function entryAt(table: Entry, words: readonly string[]): Entry {
  let entry = table;
  for (const word of words[0] === 'aegis' ? words.slice(1) : words) {
    const found = entry.children.find(({ command }) => [command.name(), ...command.aliases()].includes(word));
    if (found === undefined) {
      const there = entry.children.map(({ path }) => path.at(-1)).join(', ');
      const why = there === '' ? 'it has no commands beneath it' : `there are ${there}`;
      throw new UsageError(
        `there is no command ${JSON.stringify(['aegis', ...entry.path, word].join(' '))}: ${why}`,
      );
    }
    entry = found;
  }
  return entry;
}
