import { Random } from '@aegis/replica/sim';
import { Coverage } from './coverage.js';
import { ScheduleEnded, Transcript } from './transcript.js';
import { World } from './world.js';

export interface Schedule {
  seed: number;
  transcript: Transcript;
  coverage: Coverage;
}

/** Steps of one schedule, at most: enough for a group to live through several leaders. */
const STEPS = 2000;

/** Runs our core through the schedule of a seed, and writes down what it was asked and what it did. */
export function runSchedule(seed: number, without: ReadonlySet<string> = new Set()): Schedule {
  const random = new Random(seed);
  const transcript = new Transcript();
  const coverage = new Coverage();
  try {
    new World(random, transcript, coverage, without).run(STEPS);
  } catch (error) {
    if (!(error instanceof ScheduleEnded)) throw error;
  }
  return { seed, transcript, coverage };
}
