import { InvariantViolation, RaftError } from '../index.js';
import { Cluster } from './cluster.js';
import { commands } from './commands.js';
import { describeError } from './describe.js';
import { Directive } from './directive.js';
import { Output, parseLevel } from './output.js';
import { parseScript, renderDirective, type DirectivePart } from './script-file.js';
import { CommandFailure, ScriptError } from './script-error.js';

export interface Mismatch {
  line: number;
  command: string;
  expected: string;
  actual: string;
}

export interface ScriptResult {
  /** The script with the actual outputs in place. */
  text: string;
  /** Commands whose output is not the one that the script expects. */
  mismatches: Mismatch[];
}

export interface ScriptOptions {
  /** For error messages. */
  file: string;
  /** Lowest level of the core's own log lines to print, by name; `none` hides them all. */
  logLevel?: string;
}

/** Runs a script from an empty cluster. Throws ScriptError, its text beginning with file:line, when it is wrong. */
export function runScript(script: string, options: ScriptOptions): ScriptResult {
  const output = new Output(parseLevel(options.logLevel ?? 'debug'));
  const cluster = new Cluster(output);
  const mismatches: Mismatch[] = [];
  let text = '';
  for (const part of parseScript(script)) {
    if (part.kind === 'text') {
      text += `${part.line}\n`;
      continue;
    }
    const actual = runPart(cluster, part, options.file);
    if (actual !== part.expected) {
      mismatches.push({ line: part.at, command: part.command, expected: part.expected!, actual });
    }
    text += renderDirective(part, actual);
  }
  return { text, mismatches };
}

function runPart(cluster: Cluster, part: DirectivePart, file: string): string {
  try {
    if (part.expected === undefined) throw new ScriptError('the line ---- after the command is missing');
    const directive = new Directive(part.command, part.input);
    const command = Object.hasOwn(commands, directive.command) ? commands[directive.command] : undefined;
    if (command === undefined) throw new ScriptError(`unknown command "${directive.command}"`);
    return runCommand(cluster, () => command(cluster, directive));
  } catch (error) {
    const at = `${file}:${part.at}`;
    if (error instanceof ScriptError) throw new ScriptError(`${at}: ${error.message}`, { cause: error });
    if (error instanceof InvariantViolation) {
      throw new ScriptError(`${at}: the core stopped: ${error.message}`, { cause: error });
    }
    throw new ScriptError(`${at}: ${(error as Error).message}`, { cause: error });
  }
}

/** What the command printed. An operating error is printed too, even where nothing else is. */
function runCommand(cluster: Cluster, command: () => void): string {
  const { output } = cluster;
  let printed: string;
  try {
    command();
    printed = output.take();
  } catch (error) {
    printed = output.take() + describeFailure(error);
  }
  if (printed === '') return 'ok\n';
  return printed.endsWith('\n') ? printed : `${printed}\n`;
}

function describeFailure(error: unknown): string {
  if (error instanceof CommandFailure) return error.message;
  if (error instanceof RaftError && error.code !== 'INVALID_CONFIG') return describeError(error);
  throw error;
}
