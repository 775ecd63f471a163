import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { QuestionError } from './question.js';
import { readQuestion } from './read-question.js';
import { BrokenWorldError, verify } from './verify.js';

const USAGE = `usage: node sim/dist/verify/main.js --input FILE --output FILE [--report FILE] [--workers N]

  --input FILE   the question, as JSON: see docs/counterfactual.md
  --output FILE  what became of it, as JSON: result, signal and the difference with its interval
  --report FILE  all that the verdict rests on, as JSON; "-": onto standard output
  --workers N    threads (default: one a core); they change the time, not the answer

Exit status: 0 there is a verdict, whatever it is, 1 there is none, 2 bad usage or input.`;

const WORKERS_MAX = 64;

class UsageError extends Error {}

async function main(): Promise<void> {
  const { input, output, report: reportFile, workers } = options(process.argv.slice(2));
  const asked = read(input);
  const question = readQuestion(asked, input);
  const began = performance.now();
  const report = await verify(question, { workers });
  const { verification, patch, why } = report;
  // Who handed in several patches is told which one it is about.
  const chosen = question.candidates.length > 1 ? { patch } : {};
  const reported = `${JSON.stringify(report, undefined, 2)}\n`;
  const digests = { questionDigest: digestOf(asked), reportDigest: digestOf(reported) };
  // Whoever waits for the answer may look no further: the report is there before.
  if (reportFile === '-') process.stdout.write(reported);
  else if (reportFile !== undefined) writeFileSync(reportFile, reported);
  writeFileSync(output, `${JSON.stringify({ ...verification, ...chosen, ...digests })}\n`);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.error(`${verification.result} after ${seconds} s on ${workers} threads. ${why}`);
}

/** SHA-256, in hex. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function options(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        input: { type: 'string' },
        output: { type: 'string' },
        report: { type: 'string' },
        workers: { type: 'string' },
      },
    });
    const { input, output, report, workers = String(availableParallelism()) } = values;
    if (input === undefined || output === undefined) throw new Error('--input and --output are needed');
    if (!/^\d+$/.test(workers) || Number(workers) < 1 || Number(workers) > WORKERS_MAX)
      throw new Error(`--workers ${workers}: a whole number from 1 to ${WORKERS_MAX} is needed`);
    return { input, output, report, workers: Number(workers) };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--input ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

try {
  await main();
} catch (error) {
  process.exitCode = error instanceof UsageError || error instanceof QuestionError ? 2 : 1;
  // Whoever started it shows the last line to people.
  if (error instanceof UsageError) console.error(`${USAGE}\n\n${error.message}`);
  else if (error instanceof QuestionError || error instanceof BrokenWorldError) console.error(error.message);
  else console.error(error);
}
