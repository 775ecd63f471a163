import { commandsOf } from '../read/commands.js';
import type { Page } from '../read/markdown.js';
import { OPEN_ENDS } from '../read/repository.js';
import type { Judges } from './against.js';
import { type Repository, wrongInLink, wrongInPath } from './places.js';

type Finding = readonly [line: number, wrong: string | undefined];

/** All that is wrong with a page, a line each: `docs/chaos.md:12: aegis chaos has no command start`. */
export function wrongIn(page: Page, repository: Repository, judges: Judges): string[] {
  const commands = commandsOf(page)
    .filter(({ words }) => !repository.toCome.has(words.slice(0, 2).join(' ')))
    .map(({ line, words }): Finding => [line, judges.get(words[0] ?? '')?.(words)]);
  const links = page.links.map(({ line, text }): Finding => [line, wrongInLink(page, text, repository)]);
  const named = page.path === OPEN_ENDS ? [] : page.spans;
  const paths = named.map(({ line, text }): Finding => [line, wrongInPath(text, repository)]);
  return [...commands, ...links, ...paths].flatMap(([line, wrong]) =>
    wrong === undefined ? [] : [`${page.path}:${line}: ${wrong}`],
  );
}
