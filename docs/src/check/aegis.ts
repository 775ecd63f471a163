import { alternatives, isEllipsis } from '../read/words.js';

/** A page of `aegis help --json`. */
export interface ManualPage {
  readonly command: string;
  readonly commands: readonly string[];
  readonly arguments: readonly { readonly name: string; readonly variadic: boolean }[];
  readonly options: readonly { readonly flags: string }[];
}

/** What is wrong with a documented `aegis …`; nothing if the table of commands has all of it. */
export function wrongInAegis(words: readonly string[], manual: readonly ManualPage[]): string | undefined {
  const pages = new Map(manual.map((page) => [page.command, page]));
  const everywhere = pages.get('aegis')!;
  return follow(words.slice(1), everywhere);

  function follow(rest: readonly string[], page: ManualPage, given = 0): string | undefined {
    const [word, ...more] = rest;
    if (word === undefined || word === '--' || word.startsWith('>')) return undefined;
    if (isEllipsis(word)) return follow(more, page, given);
    const bare = word.replace(/^\[+/, '');
    if (bare.startsWith('-')) return option(bare, more, page, given);
    if (page.commands.length > 0) {
      const named = alternatives(word).map((each) => pages.get(`${page.command} ${each}`));
      const found = named.find((each) => each !== undefined);
      if (found !== undefined && named.includes(undefined))
        return `${page.command}: one of ${word} does not exist`;
      if (found !== undefined) return named.length > 1 ? undefined : follow(more, found);
      if (page.arguments.length === 0) {
        return /^[A-Z]+…?$/.test(word) ? undefined : `${page.command} has no command ${word}`;
      }
    }
    const takes = page.arguments.some(({ variadic }) => variadic) ? Infinity : page.arguments.length;
    if (given >= takes) return `${page.command} takes ${takes} arguments; ${word} is one more`;
    return follow(more, page, given + 1);
  }

  function option(
    word: string,
    more: readonly string[],
    page: ManualPage,
    given: number,
  ): string | undefined {
    for (const each of alternatives(word)) {
      const [flag] = each.split('=');
      const flags = flagsOf([...page.options, ...everywhere.options]);
      if (!flags.has(flag!)) return `${page.command} has no option ${flag}`;
      if (flags.get(flag!) === true && !word.includes('=')) return follow(more.slice(1), page, given);
    }
    return follow(more, page, given);
  }
}

/** Every name of each option, and whether it takes a value. */
function flagsOf(options: ManualPage['options']): ReadonlyMap<string, boolean> {
  return new Map(
    options.flatMap(({ flags }) => {
      const value = /[<[]/.test(flags);
      return [...flags.matchAll(/--?[a-zA-Z][a-z0-9-]*/g)].map(([name]): [string, boolean] => [name, value]);
    }),
  );
}
