import { alternatives } from '../read/words.js';

export interface Makefile {
  /** The targets with the variables that each reads, of its recipe and of what that recipe uses. */
  readonly targets: ReadonlyMap<string, ReadonlySet<string>>;
}

const TARGET = /^([a-z][a-z0-9-]*):/;
const USED = /\$\((?:if |or |lastword [^,]*,|firstword [^,]*,)*\$?\(?([A-Z_]+)\)?/g;

/** Reads the targets of a Makefile, and the variables that may be given to each. */
export function readMakefile(text: string): Makefile {
  const shared = new Map<string, string>();
  const recipes = new Map<string, string>();
  let target: string | undefined;
  for (const line of text.replaceAll(/\\\n/g, ' ').split('\n')) {
    const variable = /^([A-Z_]+)\s*[:?]?=\s*(.*)$/.exec(line);
    if (variable !== null) shared.set(variable[1]!, variable[2]!);
    const named = TARGET.exec(line)?.[1];
    if (named !== undefined) target = named;
    if (named === undefined && line !== '' && !line.startsWith('\t')) target = undefined;
    if (target !== undefined) recipes.set(target, `${recipes.get(target) ?? ''}\n${line}`);
  }
  const used = (recipe: string): string[] =>
    [...recipe.matchAll(USED)].flatMap(([, name]) => [name!, ...used(shared.get(name!) ?? '')]);
  const environment = (recipe: string): string[] =>
    [...recipe.matchAll(/\$\$([A-Z_]+)/g)].map(([, name]) => name!);
  return {
    targets: new Map(
      [...recipes].map(([name, recipe]) => {
        const needs = [...recipe.matchAll(/^[a-z0-9-]+: ([a-z0-9 -]*)/gm)].flatMap(([, list]) =>
          list!.trim().split(' '),
        );
        const whole = [recipe, ...needs.map((need) => recipes.get(need) ?? '')].join('\n');
        return [name, new Set([...used(whole), ...environment(whole)])];
      }),
    ),
  };
}

/** What is wrong with a documented `make …`. */
export function wrongInMake(words: readonly string[], { targets }: Makefile): string | undefined {
  const rest = words.slice(1).flatMap(withoutValues);
  const named = rest.filter((word) => /^[a-z][a-z0-9-]*$/.test(word));
  const unknown = named.find((word) => !targets.has(word));
  if (unknown !== undefined) return `the Makefile has no target ${unknown}`;
  const takes = new Set(named.flatMap((word) => [...(targets.get(word) ?? [])]));
  const variables = rest.flatMap((word) => /^([A-Z_]+)=/.exec(word)?.[1] ?? []);
  const ignored = variables.find((name) => !takes.has(name));
  return ignored === undefined ? undefined : `make ${named.join(' ')} reads no ${ignored}`;
}

/** In `NEMESIS=kill|all` what follows the first bar is a value, and no target. */
function withoutValues(word: string): string[] {
  const each = alternatives(word);
  return each[0]?.includes('=') === true ? each.filter((part) => part.includes('=')) : each;
}
