import {
  questionOf,
  type Facts,
  type ModelEndpoint,
  type ModelParts,
  type Question,
} from '../model/index.js';
import { readRunbooks, type PastIncident } from '../retrieve/index.js';
import type { EvidenceRecord } from '../evidence/index.js';
import { windowOf, type Recording } from '../telemetry/index.js';
import { scripted, type Facts as ReplicaFacts } from './cluster.js';

const bad = (second: number): boolean => second > 20 && second <= 60;
/** The leader's disk stalls, and another replica's loop stands still: two candidates, and elections that come of them. */
export const TROUBLED: Recording = scripted({
  seconds: 80,
  replica: (second, at): Partial<ReplicaFacts> => ({
    term: 3 + Math.max(0, Math.floor((Math.min(second, 60) - 24) / 5)),
    ...(at === 0 && bad(second) && second % 8 === 0 ? { loopMax: 0.9 } : {}),
    ...(at === 2 && bad(second) ? { sync: 0.2, syncs: 4, behind: 4000 } : {}),
  }),
});

export function question(past: readonly PastIncident[] = []): Question {
  const made = questionOf(windowOf(TROUBLED), readRunbooks(), past);
  if (made === undefined) throw new Error('the recording for tests has no incident');
  return made;
}

/** A sound answer about the facts: all causes, in reverse. */
export function soundRanking({ causes, evidence }: Facts): string {
  const order = causes.toReversed().map(({ id, evidence: of }) => ({ id, evidence: of.slice(0, 1) }));
  const { id, at, worst, unit } = evidence[0]!;
  return JSON.stringify({
    causes: order.slice(0, 5),
    rationale: `The signal ${id} at ${at} came before what it explains, and it was ${worst} ${unit} at its worst.`,
    runbooks: [],
  });
}

export function soundNarration({ evidence }: Facts): string {
  const { id, at } = evidence[0]!;
  return JSON.stringify({
    summary: `It began with ${id} at ${at}, and the rest of what was seen came of it.`,
    lessons: ['A cause is below what it makes late.'],
  });
}

/** Evidence in memory. */
export function book(): ModelParts['book'] {
  const records: EvidenceRecord[] = [];
  return {
    records,
    append(at, incident, step, output) {
      const record = { n: records.length + 1, prev: '', at, incident, step, output };
      records.push(record);
      return record;
    },
  };
}

export function parts(endpoint: ModelEndpoint, more: Partial<ModelParts> = {}): ModelParts {
  return {
    endpoint,
    model: 'for-tests',
    maxOutputTokens: 500,
    prices: { input: 0.2, output: 0.6 },
    budget: { perIncident: 50_000, perDay: 1_000_000 },
    book: book(),
    now: () => 1_000,
    ...more,
  };
}
