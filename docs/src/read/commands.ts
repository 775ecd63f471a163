import type { Page } from './markdown.js';
import { simpleCommands, wordsOf } from './words.js';

/** A command as a page names it. */
export interface Shown {
  readonly line: number;
  readonly words: readonly string[];
}

const SHELLS = new Set(['sh', 'bash', 'shell', 'console', '']);

/** Every command that a page shows, in fences for the shell and between backticks. */
export function commandsOf(page: Page): Shown[] {
  const fenced = page.fences
    .filter(({ language }) => SHELLS.has(language))
    .flatMap(({ line, text, language }) =>
      linesToRun(text, language).map((each) => ({ ...each, line: line + each.line })),
    );
  return [...fenced, ...page.spans].flatMap(({ line, text }) =>
    simpleCommands(text).map((command) => ({ line, words: wordsOf(command) })),
  );
}

/** The lines of a fence that are typed: all of them, or those after `$ ` where output stands between. */
function linesToRun(text: string, language: string): Typed[] {
  const found: Typed[] = [];
  let going: Typed | undefined;
  for (const [line, whole] of text.split('\n').entries()) {
    const typed =
      /^\s*\$ (.*)$/.exec(whole)?.[1] ?? (language === 'console' && going === undefined ? undefined : whole);
    if (typed === undefined) continue;
    const more = typed.endsWith('\\');
    const part = more ? typed.slice(0, -1) : typed;
    const joined: Typed =
      going === undefined ? { line, text: part } : { line: going.line, text: going.text + part };
    going = more ? joined : undefined;
    if (!more) found.push(joined);
  }
  return found;
}

interface Typed {
  readonly line: number;
  readonly text: string;
}
