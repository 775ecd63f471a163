/** Prose, blank lines and comments between commands, kept as they are. */
export interface TextPart {
  kind: 'text';
  line: string;
}

/** A command with its input, and the output that the file expects. */
export interface DirectivePart {
  kind: 'directive';
  /** Line number of the command, from 1. */
  at: number;
  /** The command on one line. */
  command: string;
  /** Lines as in the file, up to the separator: command, continuations, input. */
  head: string[];
  /** The input lines, trimmed as a whole. */
  input: string;
  /** undefined when the separator is missing. */
  expected: string | undefined;
  /** A blank line follows the output, as it must unless the file ends. */
  terminated: boolean;
}

export type ScriptPart = TextPart | DirectivePart;

const SEPARATOR = '----';

/** Splits a script into parts. Never fails: what is wrong in a directive is found when it is run. */
export function parseScript(text: string): ScriptPart[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const parts: ScriptPart[] = [];
  let next = 0;
  while (next < lines.length) {
    const at = next + 1;
    const first = lines[next++]!;
    const trimmed = first.trim();
    if (trimmed === '' || trimmed.startsWith('#') || /^subtest( |$)/.test(trimmed)) {
      parts.push({ kind: 'text', line: first });
      continue;
    }
    const head = [first];
    let command = trimmed;
    while (command.endsWith('\\') && next < lines.length) {
      const more = lines[next++]!;
      head.push(more);
      command = `${command.slice(0, -1)} ${more.trim()}`;
    }
    const inputFrom = next;
    while (next < lines.length && lines[next] !== SEPARATOR) next++;
    const inputLines = lines.slice(inputFrom, next);
    head.push(...inputLines);
    const part: DirectivePart = {
      kind: 'directive',
      at,
      command,
      head,
      input: inputLines.join('\n').trim(),
      expected: undefined,
      terminated: true,
    };
    if (next < lines.length) next = readExpected(lines, next + 1, part);
    parts.push(part);
  }
  return parts;
}

/** Reads the expected output from line `next` on; returns where the script goes on. */
function readExpected(lines: string[], from: number, part: DirectivePart): number {
  let next = from;
  const expected: string[] = [];
  if (lines[next] === SEPARATOR) {
    // Output with blank lines stands between doubled separators.
    next++;
    while (next < lines.length && !(lines[next] === SEPARATOR && lines[next + 1] === SEPARATOR)) {
      expected.push(lines[next++]!);
    }
    next += 2;
  } else {
    while (next < lines.length && lines[next]!.trim() !== '') expected.push(lines[next++]!);
  }
  part.expected = expected.map((line) => `${line}\n`).join('');
  part.terminated = next < lines.length && lines[next]!.trim() === '';
  return part.terminated ? next + 1 : next;
}

/** The directive with `output` in place of the expected one, laid out as in a script file. */
export function renderDirective(part: DirectivePart, output: string): string {
  const head = part.head.map((line) => `${line}\n`).join('');
  const hasBlankLine = output
    .split('\n')
    .slice(0, -1)
    .some((line) => line.trim() === '');
  const fence = hasBlankLine ? `${SEPARATOR}\n${SEPARATOR}\n` : `${SEPARATOR}\n`;
  const close = hasBlankLine ? fence : '';
  return `${head}${fence}${output}${close}${part.terminated ? '\n' : ''}`;
}
