import { compare, type Difference } from './compare.js';
import { Coverage, type Counts } from './coverage.js';
import { Library } from './library.js';
import { runSchedule } from './schedule.js';

/** Seeds first..first+count-1, some things of the schedules switched off. */
export interface Job {
  first: number;
  count: number;
  without: string[];
}

export interface Result {
  steps: number;
  passed: number;
  differences: Difference[];
  counts: Counts;
  /** Assertions by which both sides ended a schedule, by their texts. */
  endings: Record<string, number>;
}

/** Schedules under way: while the library runs some, the next are made. */
const AHEAD = 3;

/** Runs schedules on both sides and compares. */
export class Runner {
  private readonly library: Library;

  constructor(program: string) {
    this.library = new Library(program);
  }

  async run({ first, count, without }: Job): Promise<Result> {
    const coverage = new Coverage();
    const result: Result = { steps: 0, passed: 0, differences: [], counts: coverage.counts, endings: {} };
    const underway: Promise<void>[] = [];
    for (let seed = first; seed < first + count; seed++) {
      if (underway.length >= AHEAD) await underway.shift();
      underway.push(this.one(seed, new Set(without), result, coverage));
    }
    await Promise.all(underway);
    return result;
  }

  private async one(
    seed: number,
    without: ReadonlySet<string>,
    result: Result,
    coverage: Coverage,
  ): Promise<void> {
    const schedule = runSchedule(seed, without);
    const { steps, note, calls } = schedule.transcript;
    const difference = compare(schedule, await this.library.run(calls));
    result.steps += steps;
    if (difference !== undefined) {
      result.differences.push(difference);
      return;
    }
    result.passed++;
    coverage.add(schedule.coverage.counts);
    if (note === '') return;
    coverage.saw('schedule ended by an assertion of both');
    const text = note.replaceAll(/\d+/g, 'n');
    result.endings[text] = (result.endings[text] ?? 0) + 1;
  }

  close(): Promise<void> {
    return this.library.close();
  }
}
