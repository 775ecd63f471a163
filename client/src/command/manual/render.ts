import type { Style } from '../../terminal/style.js';
import { wrapped } from '../../terminal/wrap.js';
import { EXIT_MEANINGS } from '../exit.js';
import { argumentsOf, doesSomething, fullName, optionsOf, type Entry } from './table.js';

const INDENT = '    ';

/** What `--help` prints after the options. */
export function shortNotes({ page }: Entry): string {
  const notes = page.notes === undefined ? '' : `\n${page.notes}\n`;
  if (page.examples.length === 0) return notes.trimEnd();
  const examples = page.examples.map((each) => each.replaceAll(/^/gm, '  ')).join('\n');
  return `${notes}\nExamples:\n${examples}`;
}

/** What `aegis --help` ends with. */
export function exitsText(): string {
  const rows = Object.entries(EXIT_MEANINGS).map(([status, meaning]) => `  ${status}  ${meaning}`);
  const passed =
    '  aegis lock and aegis elect pass on the status of the command that they run (128 + n: ended by signal n).';
  const more = ['\nThe whole page of a command: aegis help COMMAND', 'A menu, on a terminal: aegis alone'];
  return ['\nExit status:', ...rows, passed, ...more].join('\n');
}

/** The statuses that it may end with, and what each means. */
export function exitsOf(entry: Entry): Readonly<Record<number, string>> {
  const everywhere = Object.entries(EXIT_MEANINGS).filter(([status]) => Number(status) < 4);
  return { ...Object.fromEntries(everywhere), ...entry.page.exits };
}

/** How it is called: one line, or two where it does something by itself and has commands beneath it. */
export function synopsisOf(entry: Entry): readonly string[] {
  const usage = `${fullName(entry)} ${entry.command.usage()}`.replace(' [command]', '').trimEnd();
  const below = entry.children.map((child) => child.path.at(-1)).join('|');
  if (entry.children.length === 0) return [usage];
  return [...(doesSomething(entry) ? [usage] : []), `${fullName(entry)} ${below} …`];
}

/** The whole page, as a manual would have it. @param columns of the terminal */
export function manualPage(entry: Entry, program: Entry, columns: number, style: Style): string {
  const { page, command } = entry;
  const sections: [string, readonly string[]][] = [
    ['NAME', paragraph(`${fullName(entry)} - ${command.description()}`, columns)],
    ['SYNOPSIS', synopsisOf(entry).flatMap((line) => paragraph(line, columns))],
    ['DESCRIPTION', page.notes === undefined ? [] : paragraph(page.notes, columns)],
    ['COMMANDS', listed(commandsOf(entry), columns, style)],
    [
      'ARGUMENTS',
      listed(
        argumentsOf(entry).map((each) => [each.name(), each.description]),
        columns,
        style,
      ),
    ],
    ['OPTIONS', listed(optionRows(entry), columns, style)],
    ['OPTIONS OF EVERY COMMAND', entry === program ? [] : listed(everywhere(program), columns, style)],
    ['JSON', page.json === undefined ? [] : paragraph(`With --json: ${page.json}.`, columns)],
    ['EXIT STATUS', listed(Object.entries(exitsOf(entry)), columns, style)],
    ['EXAMPLES', page.examples.map((each) => each.replaceAll(/^/gm, INDENT))],
  ];
  const shown = sections.filter(([, lines]) => lines.length > 0);
  return shown.map(([head, lines]) => `${style.bold(head)}\n${lines.join('\n')}`).join('\n\n');
}

/** The same for machines. */
export function manualJson(entry: Entry): Record<string, unknown> {
  const { page, command } = entry;
  return {
    command: fullName(entry),
    description: command.description(),
    synopsis: synopsisOf(entry),
    ...(page.notes === undefined ? {} : { notes: page.notes }),
    commands: entry.children.map(fullName),
    arguments: argumentsOf(entry).map((argument) => ({
      name: argument.name(),
      description: argument.description,
      required: argument.required,
      variadic: argument.variadic,
    })),
    options: optionRows(entry).map(([flags, description]) => ({ flags, description })),
    ...(page.json === undefined ? {} : { json: page.json }),
    exits: exitsOf(entry),
    examples: page.examples,
  };
}

function commandsOf({ children }: Entry): [string, string][] {
  return children.map(({ path, command }) => [path.at(-1)!, command.description()]);
}

function optionRows(entry: Entry): [string, string][] {
  const help = entry.command.createHelp();
  return optionsOf(entry).map((option) => [help.optionTerm(option), help.optionDescription(option)]);
}

/** Those that other commands do not list themselves. */
function everywhere(program: Entry): [string, string][] {
  return optionRows(program).filter(([term]) => !/--(help|version)$/.test(term));
}

function paragraph(text: string, columns: number): string[] {
  return wrapped(text, columns - INDENT.length).map((line) => (line === '' ? '' : INDENT + line));
}

/** A term a line, and what it means beneath it. */
function listed(rows: readonly (readonly [string, string])[], columns: number, style: Style): string[] {
  return rows.flatMap(([term, meaning]) => [
    `${INDENT}${style.bold(term)}`,
    ...wrapped(meaning, columns - 2 * INDENT.length).map((line) => INDENT + INDENT + line),
  ]);
}
