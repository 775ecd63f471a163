import { MEASURES, PRIMARY, type MeasureName } from '@aegis/agent/counterfactual';
import type { Verification } from '@aegis/agent/forge';
import { patched, type ConsensusSettings, type Patch } from '@aegis/replica/settings';

import { runPool } from '../run/pool.js';
import {
  compare,
  judge,
  judgeReplay,
  mean,
  pairsOf,
  verificationOf,
  type Replay,
  type Signals,
} from './judge.js';
import type { Question } from './question.js';
import { seedsOf, type Seeds } from './seeds.js';
import type { Run } from './side.js';
import type { Job } from './simulated.js';

/** All that a verdict rests on. Nothing in it depends on when, where or on how many threads it was made. */
export interface Report {
  readonly verification: Verification;
  readonly class: Question['class'];
  readonly primary: MeasureName;
  /** The one that was verified. */
  readonly patch: Patch;
  /** Of several: the primary signal of each on the seeds that choose, and whether another signal passed its margin. */
  readonly chosen: readonly { readonly patch: Patch; readonly signal: number; readonly harms: boolean }[];
  readonly replay: Replay;
  /** Undefined: the incident could not be reproduced, and nothing was compared. */
  readonly signals: Signals | undefined;
  readonly seeds: Seeds;
  /** What was seen in the incident and was not replayed. */
  readonly missing: readonly string[];
  readonly why: string;
}

/** A simulated cluster broke a promise: there is no verdict, and the simulator has found a fault of AEGIS. */
export class BrokenWorldError extends Error {
  override readonly name = 'BrokenWorldError';
}

/** Runs jobs in any order and returns their runs in the order of the jobs. */
export type Runner = (jobs: readonly Job[]) => Promise<readonly Run[]>;

export interface VerifyOptions {
  readonly workers: number;
}

/** Verifies on threads. Rejects with BrokenWorldError. */
export function verify(question: Question, { workers }: VerifyOptions): Promise<Report> {
  return verifyWith(question, onThreads(question, workers));
}

/** The steps, whoever runs the worlds: choose, replay, compare, judge. */
export async function verifyWith(
  question: Question,
  run: Runner,
  seeds: Seeds = seedsOf(question.seed, question.trace.durationMs),
): Promise<Report> {
  const { base } = question;
  const sound: Runner = async (jobs) => checked(jobs, await run(jobs));
  const primary = PRIMARY[question.class].measure;
  const { patch, chosen } = await choose(question, seeds, sound);
  const before = await sound(jobsOf(base, seeds.verifying));
  const replay = judgeReplay(question, before);
  const { missing } = question;
  const rest = { class: question.class, primary, patch, chosen, replay, seeds, missing };
  if (!replay.reproduced) {
    const numbers = { before: replay.signal, after: replay.signal, mean: 0, low: 0, high: 0 };
    const verdict = { result: 'CannotReproduce', harmed: [] } as const;
    const verification = verificationOf(primary, verdict, numbers, before.length);
    return { verification, ...rest, signals: undefined, why: because(replay.why, missing) };
  }
  const after = await sound(jobsOf(patched(base, patch), seeds.verifying));
  const signals = compare(before, after);
  const verdict = judge(primary, signals);
  const verification = verificationOf(
    primary,
    verdict,
    signals[primary],
    before.length,
    pairsOf(primary, before, after),
  );
  return { verification, ...rest, signals, why: reasonOf(primary, verdict.result, verdict.harmed) };
}

function because(why: string, missing: readonly string[]): string {
  return missing.length === 0 ? why : `${why} Not replayed: ${missing.join('; ')}.`;
}

function reasonOf(primary: MeasureName, result: string, harmed: readonly MeasureName[]): string {
  if (harmed.length > 0) return `Worse by more than its margin: ${harmed.join(', ')}.`;
  const { doc } = MEASURES[primary];
  const said: Readonly<Record<string, string>> = {
    Improves: 'is smaller in the pairs: its 95 % interval excludes 0, and no other signal passes its margin',
    NoDifference: 'is not told apart: the 95 % interval of its difference holds 0',
    Harm: 'is larger in the pairs: its 95 % interval excludes 0',
  };
  return `${primary} (${doc}) ${said[result]}.`;
}

/** The one with the smallest primary signal, of those that do no harm if there are any; of equals the first. */
async function choose(
  { base, candidates, class: name }: Question,
  { choosing }: Seeds,
  run: Runner,
): Promise<{ patch: Patch; chosen: Report['chosen'] }> {
  const [only] = candidates;
  if (candidates.length === 1) return { patch: only!, chosen: [] };
  const primary = PRIMARY[name].measure;
  const sides = [base, ...candidates.map((patch) => patched(base, patch))];
  const runs = await run(sides.flatMap((settings) => jobsOf(settings, choosing)));
  const of = (side: number): readonly Run[] =>
    runs.slice(side * choosing.length, (side + 1) * choosing.length);
  const chosen = candidates.map((patch, at) => {
    const after = of(at + 1);
    const signals = compare(of(0), after);
    const harms = judge(primary, signals).harmed.length > 0;
    return { patch, signal: mean(after.map((each) => each.measured[primary])), harms };
  });
  const best = chosen.reduce((a, b) => {
    if (a.harms !== b.harms) return a.harms ? b : a;
    return b.signal < a.signal ? b : a;
  });
  return { patch: best.patch, chosen };
}

function jobsOf(settings: ConsensusSettings, seeds: readonly number[]): Job[] {
  return seeds.map((seed) => ({ seed, settings }));
}

function checked(jobs: readonly Job[], runs: readonly Run[]): readonly Run[] {
  for (const [at, { violation }] of runs.entries())
    if (violation !== undefined)
      throw new BrokenWorldError(
        `seed ${jobs[at]!.seed} broke an invariant, so that there is no verdict. Please report it with the input. ${violation}`,
      );
  return runs;
}

function onThreads(question: Question, workers: number): Runner {
  return async (jobs) => {
    const runs: Run[] = [];
    const numbers = jobs.keys();
    const places = new Map<Job, number>();
    const each = function* (): Generator<Job> {
      for (const at of numbers) {
        places.set(jobs[at]!, at);
        yield jobs[at]!;
      }
    };
    await runPool<Job, Run>({
      workers: Math.min(workers, jobs.length),
      file: new URL('worker.js', import.meta.url),
      data: question,
      jobs: each(),
      nameOf: ({ seed }) => `seed ${seed}`,
      ended: (run, job) => {
        runs[places.get(job)!] = run;
        return true;
      },
    });
    return runs;
  };
}
