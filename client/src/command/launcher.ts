import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Command } from 'commander';
import { launch } from '../launcher/launch.js';
import { styleFor } from '../terminal/style.js';
import { chosenFolder, type GlobalFlags } from './context.js';
import { EXIT } from './exit.js';
import { interruptible } from './interrupt.js';

/** Options that a menu has no use for: they print something and end. */
const PRINTS = new Set(['--help', '-h', '--version', '-V', '--json']);

/** Whether a command line has no command, and somebody is there to choose one. */
export function asksForMenu(program: Command, argv: readonly string[]): boolean {
  if (!process.stdin.isTTY || !process.stdout.isTTY || process.env['TERM'] === 'dumb') return false;
  if (argv.some((word) => PRINTS.has(word))) return false;
  const { operands, unknown } = program.parseOptions([...argv]);
  return operands.length === 0 && unknown.length === 0;
}

/** The menu of `aegis` alone. @param argv the options that were given, which every command gets */
export async function runMenu(flags: GlobalFlags, argv: readonly string[]): Promise<number> {
  const { stdin: input, stdout: output } = process;
  const tty = { input, output, style: styleFor(output) };
  let child: ChildProcess | undefined;
  const run = async (words: readonly string[], signal: AbortSignal): Promise<number> => {
    // This same program with other words, on this terminal.
    child = spawn(process.execPath, [process.argv[1]!, ...argv, ...words], { stdio: 'inherit', signal });
    try {
      const [code, by] = (await once(child, 'exit')) as [number | null, NodeJS.Signals];
      return code ?? 128 + constants.signals[by];
    } finally {
      child = undefined;
    }
  };
  const work = (signal: AbortSignal) => launch({ folder: () => chosenFolder(flags), tty, run }, signal);
  // While a command runs, Ctrl-C is its own.
  await interruptible(work, () => child !== undefined);
  return EXIT.ok;
}
