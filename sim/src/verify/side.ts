import { finest, measured, type Measured } from '@aegis/agent/counterfactual';
import { classify } from '@aegis/agent/classify';
import type { IncidentClass } from '@aegis/agent/diagnose';
import { windowOf } from '@aegis/agent/telemetry';

import type { Question } from './question.js';
import { simulated, type Job } from './simulated.js';

/** What a world was like. */
export interface Run {
  readonly measured: Measured;
  readonly finest: Measured;
  readonly classes: readonly IncidentClass[];
  /** An invariant that was broken: then the rest means nothing. */
  readonly violation: string | undefined;
}

/** Runs one world to its end and measures what would have been scraped of it. */
export async function runJob(question: Question, job: Job): Promise<Run> {
  const { recording, violation } = await simulated(question, job);
  const window = windowOf(recording);
  return {
    measured: measured(window),
    finest: finest(window),
    classes: classify(window).classes.map((finding) => finding.class),
    violation,
  };
}
