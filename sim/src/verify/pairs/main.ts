import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { verify, type Report } from '../verify.js';
import { realOf, type Direction, type Real } from './real.js';
import { recordPair } from './record.js';
import { PAIRS, questionOf, type Pair } from './table.js';

const USAGE = `usage: node sim/dist/verify/pairs/main.js [--pair NAME,…] [--seed N] [--workers N] [--real DIR] [--record DIR] [--report FILE]

  --pair NAME,…  only these: ${PAIRS.map(({ name }) => name).join(', ')}
  --seed N       what all runs are drawn from (default 1)
  --workers N    threads (default: one a core)
  --real DIR     recordings of real clusters: NAME.before*.jsonl and NAME.after*.jsonl
  --record DIR   record those that are not there first: some three minutes a pair, on a machine with nothing else to do; then as --real
  --report FILE  write the reports to FILE, as JSON

Exit status: 0, 1 harm was called an improvement, or a direction was not the real one, 2 bad usage or a recording that cannot be read or made, 130 ended.`;

const PREDICTED: Readonly<Record<Report['verification']['result'], Direction | '?'>> = {
  Improves: 'better',
  NoDifference: 'same',
  Harm: 'worse',
  CannotReproduce: '?',
};

interface Row {
  readonly pair: Pair;
  readonly report: Report;
  readonly seconds: number;
  readonly real: Real | undefined;
}

async function main(): Promise<number> {
  const { pairs, seed, workers, record, real = record, report: file } = options();
  if (record !== undefined) await recordAll(pairs, record, seed);
  const rows: Row[] = [];
  console.log('| pair | signal | before | after | difference, 95 % | verdict | predicted | real | s |');
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const pair of pairs) {
    const began = performance.now();
    const report = await verify(questionOf(pair, seed), { workers });
    const seconds = (performance.now() - began) / 1000;
    const row = { pair, report, seconds, real: real === undefined ? undefined : realOf(pair, real) };
    rows.push(row);
    console.log(lineOf(row));
    console.error(`${pair.name}: ${report.why}`);
  }
  if (file !== undefined)
    writeFileSync(
      file,
      `${JSON.stringify(Object.fromEntries(rows.map(({ pair, report }) => [pair.name, report])))}\n`,
    );
  const praised = rows.filter(
    ({ pair, report }) => pair.harmful && report.verification.result === 'Improves',
  );
  const shown = rows.filter(({ real }) => real !== undefined);
  const right = shown.filter(({ report, real }) => predicted(report) === real!.direction);
  const harmful = rows.filter(({ pair }) => pair.harmful);
  console.log(`\n${harmful.length} harmful pairs, ${praised.length} called an improvement.`);
  console.log(
    shown.length === 0
      ? 'Real directions: none were handed in (--real).'
      : `Real directions: ${right.length} of ${shown.length} predicted.`,
  );
  return praised.length > 0 || right.length < shown.length ? 1 : 0;
}

/** A signal ends it, and takes down what runs. */
async function recordAll(pairs: readonly Pair[], folder: string, seed: number): Promise<void> {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
  for (const pair of pairs)
    await recordPair(pair, { folder, seed, say: (line) => console.error(line), signal: stopped.signal });
}

function predicted({ verification }: Report): Direction | '?' {
  return PREDICTED[verification.result];
}

function lineOf({ pair, report, seconds, real }: Row): string {
  const { result, unit, before, after, delta, deltaLow, deltaHigh, harmed } = report.verification;
  const of = (thousandths: number): string => (thousandths / 1000).toFixed(2);
  const cells = [
    pair.harmful ? `${pair.name} (harmful)` : pair.name,
    `${report.primary}, ${unit}`,
    of(before),
    of(after),
    `${of(delta)} (${of(deltaLow)} to ${of(deltaHigh)})`,
    harmed === undefined ? result : `${result}: ${harmed}`,
    predicted(report),
    real === undefined ? '–' : `${real.direction} (${real.before.toFixed(2)} to ${real.after.toFixed(2)})`,
    seconds.toFixed(1),
  ];
  return `| ${cells.join(' | ')} |`;
}

function options() {
  const whole = (name: string, text: string, max: number): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1 || value > max)
      throw new Error(`--${name} ${text}: a whole number from 1 to ${max} is needed`);
    return value;
  };
  try {
    const { values } = parseArgs({
      options: {
        pair: { type: 'string' },
        seed: { type: 'string' },
        workers: { type: 'string' },
        real: { type: 'string' },
        record: { type: 'string' },
        report: { type: 'string' },
      },
    });
    const names = values.pair?.split(',') ?? PAIRS.map(({ name }) => name);
    const pairs = names.map((name) => {
      const pair = PAIRS.find((each) => each.name === name);
      if (pair === undefined) throw new Error(`--pair ${name}: there is no such pair`);
      return pair;
    });
    const seed = whole('seed', values.seed ?? '1', 2 ** 31 - 1);
    const workers = whole('workers', values.workers ?? String(availableParallelism()), 64);
    const { real, record, report } = values;
    return { pairs, seed, workers, real, record, report };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return process.exit(2);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const ended = error instanceof Error && error.name === 'AbortError';
  console.error(ended ? 'ended' : error instanceof Error ? error.message : error);
  process.exitCode = ended ? 130 : 2;
}
