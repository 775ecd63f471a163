import { readFileSync } from 'node:fs';
import { runScript, type Mismatch } from './run-script.js';
import { ScriptError } from './script-error.js';

const usage = `Usage: npm run --silent raft:script -- [options] FILE…

Runs scripts of the consensus core, in the format of etcd's raft interaction tests, and prints each with the outputs
that its commands really have: a script that is right is printed unchanged.

Options:
  --check             print the commands whose output differs, and how many scripts have any; exit 1 if one has
  --log-level LEVEL   lowest level of the core's own log lines: debug (default), info, warn, error, none
  --help              this text
`;

interface Arguments {
  check: boolean;
  logLevel: string;
  files: string[];
}

function parseArguments(args: readonly string[]): Arguments {
  const parsed: Arguments = { check: false, logLevel: 'debug', files: [] };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--check') {
      parsed.check = true;
    } else if (arg === '--log-level' || arg.startsWith('--log-level=')) {
      const level = arg === '--log-level' ? args[++i] : arg.slice('--log-level='.length);
      if (level === undefined) throw new ScriptError('--log-level needs a level');
      parsed.logLevel = level;
    } else if (arg.startsWith('-')) {
      throw new ScriptError(`unknown option ${arg}; see --help`);
    } else {
      parsed.files.push(arg);
    }
  }
  if (parsed.files.length === 0) throw new ScriptError('no script named; see --help');
  return parsed;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ScriptError(`${file}: cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function describeMismatch(file: string, { line, command, expected, actual }: Mismatch): string {
  const marked = (mark: string, text: string) => text.replace(/^(?!$)/gm, mark);
  return `${file}:${line}: ${command}\n${marked('- ', expected)}${marked('+ ', actual)}\n`;
}

function main(args: readonly string[]): number {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage);
    return 0;
  }
  const { check, logLevel, files } = parseArguments(args);
  let differing = 0;
  for (const file of files) {
    const { text, mismatches } = runScript(read(file), { file, logLevel });
    if (!check) process.stdout.write(text);
    else for (const mismatch of mismatches) process.stdout.write(describeMismatch(file, mismatch));
    if (mismatches.length > 0) differing++;
  }
  if (!check) return 0;
  process.stdout.write(`${files.length - differing} of ${files.length} scripts reproduce\n`);
  return differing > 0 ? 1 : 0;
}

// Whoever reads the output may have seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ScriptError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
