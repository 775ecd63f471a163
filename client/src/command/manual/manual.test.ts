import { expect, test } from '@jest/globals';
import { displayWidth } from '../../terminal/width.js';
import { styleFor } from '../../terminal/style.js';
import { program } from '../program.js';
import { splitWords } from '../words.js';
import { manualJson, manualPage } from './render.js';
import { commandTable, doesSomething, flattened, fullName } from './table.js';

const table = commandTable(program());
const entries = flattened(table).slice(1);
const PLAIN = styleFor({ isTTY: false });

test.each(entries.map((entry) => [fullName(entry), entry] as const))(
  '%s: its examples are understood, and one is its own',
  async (name, { page }) => {
    const ran: string[] = [];
    for (const example of page.examples) {
      // What a shell would make of the rest of the line is not ours.
      for (const line of example.split('\n')[0]!.split('&&')) {
        const [program, ...words] = splitWords(line.replace(/\s[|<>].*$/, ''));
        expect(program).toBe('aegis');
        ran.push(await parsed(words));
      }
    }
    expect(ran.filter((each) => `${each} `.startsWith(`${name} `))).not.toEqual([]);
  },
);

const parser = program();
let ran = '';
for (const entry of flattened(commandTable(parser))) {
  entry.command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  if (doesSomething(entry)) entry.command.action(() => void (ran = fullName(entry)));
}

/** The command that a line runs; nothing is run. Fails for what the parser refuses. */
async function parsed(words: readonly string[]): Promise<string> {
  ran = '';
  await parser.parseAsync(words, { from: 'user' }).catch((error: { code?: string }) => {
    if (error.code !== 'commander.helpDisplayed') throw error;
  });
  return ran;
}

test('a page has all that is known of a command, and no line is wider than the terminal', () => {
  for (const entry of entries) {
    for (const columns of [40, 80]) {
      const page = manualPage(entry, table, columns, PLAIN);
      for (const head of ['NAME', 'SYNOPSIS', 'OPTIONS', 'EXIT STATUS', 'EXAMPLES'])
        expect(page).toMatch(new RegExp(`^${head}$`, 'm'));
      const [prose = ''] = page.split('\nEXAMPLES\n');
      // A single word may be longer: a placeholder, a path.
      const wide = prose
        .split('\n')
        .filter((line) => displayWidth(line) > columns && line.trim().includes(' '));
      expect(wide).toEqual([]);
    }
  }
});

test('the page of backup: both ways to call it, and what ends it', () => {
  const backup = entries.find((entry) => fullName(entry) === 'aegis backup')!;
  const json = manualJson(backup);
  expect(json).toMatchObject({
    synopsis: ['aegis backup [options] <file>', 'aegis backup into|verify …'],
    commands: ['aegis backup into', 'aegis backup verify'],
    exits: { 0: 'done', 2: 'wrong usage' },
  });
  expect(manualPage(backup, table, 80, styleFor({ isTTY: true }, {}))).toContain('\x1b[1mNAME\x1b[22m');
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
    expect(manualPage(backup, table, 80, styleFor({ isTTY: true }, env))).not.toContain('\x1b');
});
