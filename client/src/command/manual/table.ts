import type { Argument, Command, Option } from 'commander';
import { HELP_PAGES } from './pages/about.js';
import { CLUSTER_PAGES } from './pages/cluster.js';
import { OPERATIONS_PAGES } from './pages/operations.js';
import { WORK_PAGES } from './pages/work.js';
import type { Page, Pages } from './page.js';

const PAGES: Pages = { ...CLUSTER_PAGES, ...OPERATIONS_PAGES, ...WORK_PAGES, ...HELP_PAGES };

/** A command with all that is known of it. */
export interface Entry {
  /** Its words, `aegis` left out; empty for `aegis` itself. */
  readonly path: readonly string[];
  readonly command: Command;
  readonly page: Page;
  /** The commands beneath it. */
  readonly children: readonly Entry[];
}

/**
 * The table of commands, as a tree: what is built for parsing, joined with the pages. Help, completion and tests are made from it.
 * Throws if a command has no page, or a page no command.
 */
export function commandTable(program: Command): Entry {
  const unused = new Set(Object.keys(PAGES));
  const entryOf = (command: Command, path: readonly string[]): Entry => {
    const name = path.join(' ');
    const page = PAGES[name];
    if (page === undefined && path.length > 0) throw new Error(`no page for the command ${name}`);
    unused.delete(name);
    const children = command.commands.map((child) => entryOf(child, [...path, child.name()]));
    return { path, command, page: page ?? { examples: [] }, children };
  };
  const table = entryOf(program, []);
  if (unused.size > 0) throw new Error(`pages without a command: ${[...unused].join(', ')}`);
  return table;
}

/** The entry and all beneath it, in the order of the help. */
export function flattened(entry: Entry): Entry[] {
  return [entry, ...entry.children.flatMap(flattened)];
}

/** `aegis kv get` */
export function fullName({ path }: Entry): string {
  return ['aegis', ...path].join(' ');
}

export function argumentsOf({ command }: Entry): readonly Argument[] {
  return command.registeredArguments;
}

/** Its own options, and `--help`. Those of `aegis` hold everywhere. */
export function optionsOf({ command }: Entry): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

/** Whether it does something by itself, and is not only a name for commands beneath it. */
export function doesSomething({ children, command }: Entry): boolean {
  return children.length === 0 || command.registeredArguments.length > 0;
}
