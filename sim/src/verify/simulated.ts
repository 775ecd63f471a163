import type { Recording } from '@aegis/agent/telemetry';
import type { ConsensusSettings } from '@aegis/replica/settings';

import { askedPerSecond, planOfTrace } from '../chaos/plan-of-trace.js';
import type { WorldPlan } from '../plan/plan.js';
import { runSeed } from '../run/run-seed.js';
import type { Question } from './question.js';
import type { Happened } from './real-processes.js';

/** One world to be run. */
export interface Job {
  readonly seed: number;
  readonly settings: ConsensusSettings;
}

/** The same of a world. */
export interface Simulated extends Happened {
  /** An invariant that was broken: then the rest means nothing. */
  readonly violation: string | undefined;
}

type About = Pick<Question, 'trace' | 'surroundings' | 'scrapeMs'>;

/** What is usual varies by so much. */
const AROUND = { min: 0.8, max: 1.2 };

/** Counted in entries: a simulated load is a share of the real one, and so is what a log of so many entries lasts for. */
const IN_ENTRIES = ['snapshotThresholdEntries', 'logRetentionEntries'] as const;

export function planOfJob({ trace, surroundings, scrapeMs }: About, { seed, settings }: Job): WorldPlan {
  const plan = planOfTrace(trace, seed);
  const { environment, workload } = plan;
  const share = Math.min(1, workload.operationsPerSecond / Math.max(1, askedPerSecond(trace)));
  const scaled = Object.fromEntries(
    IN_ENTRIES.map((name) => [name, Math.max(1, Math.round(settings[name] * share))]),
  );
  return {
    ...plan,
    seed,
    settings: { ...settings, ...scaled },
    durationMs: trace.durationMs + firstElectionMs(settings),
    scrapeMs,
    environment:
      surroundings === undefined
        ? environment
        : {
            ...environment,
            disk: {
              ...environment.disk,
              msMin: AROUND.min * surroundings.fsyncMs,
              msMax: AROUND.max * surroundings.fsyncMs,
            },
            link: {
              ...environment.link,
              delayMsMin: AROUND.min * surroundings.oneWayMs,
              delayMsMax: AROUND.max * surroundings.oneWayMs,
            },
          },
  };
}

/** The trace begins when somebody leads. */
function firstElectionMs({ electionTimeoutMs }: ConsensusSettings): number {
  return 4 * electionTimeoutMs + 1000;
}

/** What was scraped while the trace ran: the first election is none of the incident's. */
function duringTrace(recording: Recording, durationMs: number): Recording {
  const first = recording.scrapes.find(({ reading }) => reading?.values['aegis_is_leader'] === 1);
  const beganMs = first?.atMs ?? 0;
  const scrapes = recording.scrapes.filter(({ atMs }) => atMs >= beganMs && atMs <= beganMs + durationMs);
  return { ...recording, scrapes };
}

/** Runs one world to its end. */
export async function simulated(about: About, job: Job): Promise<Simulated> {
  const plan = planOfJob(about, job);
  const { recording, acted, violation } = await runSeed(job.seed, {
    steps: undefined,
    seconds: undefined,
    loaded: false,
    plan,
  });
  return {
    recording: duringTrace(recording!, about.trace.durationMs),
    acted: acted!,
    violation: violation === undefined ? undefined : `${violation.invariant}: ${violation.seen}`,
  };
}
