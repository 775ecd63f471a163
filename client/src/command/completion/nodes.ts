import type { Argument, Option } from 'commander';
import { argumentsOf, flattened, fullName, optionsOf, type Entry } from '../manual/table.js';

/** What may stand for an argument or a value: some words, names of files or folders, a program with its own arguments, or anything. */
export type Takes = readonly string[] | 'file' | 'folder' | 'program' | 'anything';

export interface CompletedOption {
  /** `--rev`, and a short form if it has one. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Undefined: it takes no value. */
  readonly takes: Takes | undefined;
}

/** A command as completion sees it. */
export interface CompletionNode {
  /** `aegis kv get` */
  readonly name: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletedOption[];
  readonly arguments: readonly Takes[];
}

/** All commands, `aegis` first. Its options hold everywhere, and are in its node alone. */
export async function completionNodes(table: Entry): Promise<readonly CompletionNode[]> {
  return Promise.all(flattened(table).map(nodeOf));
}

async function nodeOf(entry: Entry): Promise<CompletionNode> {
  const takes = async (subject: Argument | Option, name: string, value: string): Promise<Takes> => {
    const words = subject.argChoices ?? (await entry.page.completes?.[name]?.());
    return words ?? TAKEN[value] ?? 'anything';
  };
  const options = optionsOf(entry).map(async (option) => ({
    flags: [option.long, option.short].filter((flag) => flag !== undefined),
    description: option.description,
    takes: isValued(option) ? await takes(option, option.name(), valueName(option)) : undefined,
  }));
  return {
    name: fullName(entry),
    commands: entry.children.map(({ command }) => ({
      name: command.name(),
      description: command.description(),
    })),
    options: await Promise.all(options),
    arguments: await Promise.all(argumentsOf(entry).map((each) => takes(each, each.name(), each.name()))),
  };
}

/** What the names of values say. */
const TAKEN: Readonly<Record<string, Takes>> = {
  file: 'file',
  folder: 'folder',
  dir: 'folder',
  command: 'program',
};

function isValued(option: Option): boolean {
  return option.required || option.optional;
}

/** `file` of `--settings <file>` */
function valueName({ flags }: Option): string {
  return /[<[]([^>\]]+)/.exec(flags)?.[1] ?? '';
}
