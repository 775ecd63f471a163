// `make histories`: real processes under faults, and an independent checker's word on what their clients saw.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { Guardian } from '../harness/guardian.js';
import { GoError } from '../go/program.js';
import { buildChecker, check } from './checker.js';
import { MUTANTS, plant } from './mutants.js';
import { type Options, readOptions, WrongOption } from './options.js';
import type { RunReport } from './run.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const checker = buildChecker();
  const guardian = new Guardian();
  const folder = mkdtempSync(join(tmpdir(), 'aegis-h-'));
  guardian.remove(folder);
  const files = join(folder, 'history');
  mkdirSync(files);
  try {
    return await judged(options, checker, guardian, folder, files);
  } catch (error) {
    say(kept(options, files));
    throw error;
  } finally {
    await guardian.close();
  }
}

async function judged(
  options: Options,
  checker: string,
  guardian: Guardian,
  folder: string,
  files: string,
): Promise<number> {
  const { seconds, seed, nemesis, mutant } = options;
  say(`histories: five replicas, ${seconds} s, seed ${seed}, nemesis ${nemesis.join(',') || 'none'}`);
  if (mutant !== undefined) {
    say(`mutant ${mutant}: ${MUTANTS[mutant]!.what}`);
    process.env['AEGIS_REPLICA_PROGRAM'] = plant(mutant, folder);
  }
  let report: RunReport;
  try {
    // Not before: the harness looks once which program it is to run.
    const { run } = await import('./run.js');
    report = await run(options, guardian, folder, files, say);
  } catch (error) {
    say(`the run failed: ${error instanceof Error ? error.message : String(error)}`);
    say(kept(options, files));
    return closed(options, 0, 1);
  }
  writeFileSync(join(files, 'run.json'), `${JSON.stringify({ ...options, ...report }, undefined, 2)}\n`);
  say(`${report.operations} operations: ${words(report.counts)}; errors: ${words(report.errors)}`);
  say(`faults: ${words(report.faults)}; ${report.ended} processes ended`);
  say(`membership: ${report.replaced} members replaced, ${report.admitted} times a learner added`);
  say(
    `watches: ${report.watchEvents} events, ${report.watchResumes} resumes; the store is at revision ${report.revision}`,
  );
  const verdict = check(checker, files);
  for (const line of [...report.broken, ...verdict.lines]) say(line);
  const failed = verdict.failed + report.broken.length;
  if (failed > 0) say(kept(options, files));
  if (verdict.not_checked > 0) say(`${verdict.not_checked} not decided: the search took too long`);
  say(`${verdict.operations} operations checked`);
  if (mutant === undefined) return closed(options, verdict.passed, failed);
  const caught = verdict.failed > 0;
  say(caught ? `mutant ${mutant}: caught by ${verdict.failed} checks` : `mutant ${mutant}: not caught`);
  return closed(options, caught ? 1 : 0, caught ? 0 : 1);
}

/** The last line, the report for whoever adds reports up, and the exit status. */
function closed({ report }: Options, passed: number, failed: number): number {
  if (report !== undefined) writeFileSync(report, JSON.stringify({ passed, failed }));
  say(`${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

function kept(options: Options, files: string): string {
  const place = resolve(options.keep, `seed-${options.seed}`);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  cpSync(files, place, { recursive: true });
  const { seconds, seed, nemesis, mutant } = options;
  const more = mutant === undefined ? '' : ` MUTANT=${mutant}`;
  return (
    `history, logs and pictures of what is wrong: ${place}\n` +
    `again (the same faults and draws, other timing): make histories SECONDS=${seconds} SEED=${seed} NEMESIS=${nemesis.join(',') || 'none'}${more}`
  );
}

function words(counts: Readonly<Record<string, number>>): string {
  return (
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none'
  );
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const known = error instanceof WrongOption || error instanceof GoError;
    process.stderr.write(`histories: ${known ? error.message : String((error as Error).stack ?? error)}\n`);
    process.exit(known ? 64 : 70);
  },
);
