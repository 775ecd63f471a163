import { conditions } from '../schema/conditions.js';
import { group } from '../schema/composites.js';
import { choice, text, time, whole } from '../schema/scalars.js';
import { optional, type TypeOf } from '../schema/schema.js';
import { FINAL_PHASES, RECOMMENDATION_PHASES, type RecommendationPhase } from './phases.js';

const LARGEST = Number.MAX_SAFE_INTEGER;
const PHASES = Object.keys(RECOMMENDATION_PHASES) as RecommendationPhase[];
const FINAL = `[${FINAL_PHASES.map((phase) => `'${phase}'`).join(', ')}]`;

export const RECOMMENDATION_CONDITIONS = {
  Verifying: 'the verification is under way.',
  Published: 'the pull request is open, or the patch is printed because there is no forge.',
} as const;

/** A number of a measurement: whole thousandths, because the API has no fractions. */
function milli(description: string) {
  return whole(`${description} In thousandths of the unit.`, { min: -LARGEST, max: LARGEST });
}

const verification = group('What became of it under both settings. Only the operator may write this.', {
  result: choice('What it showed.', ['Improves', 'NoDifference', 'Harm', 'CannotReproduce']),
  signal: text('The measurement that was fixed beforehand.', { max: 128 }),
  unit: text('Its unit.', { max: 32 }),
  before: milli('Under the settings as they are.'),
  after: milli('Under the patched settings.'),
  delta: milli('The paired difference.'),
  deltaLow: milli('The lower end of its 95 % interval.'),
  deltaHigh: milli('The upper end of its 95 % interval.'),
  seeds: whole('How many pairs of runs.', { min: 0, max: 100_000 }),
  harmed: optional(text('A signal that got worse by more than its margin.', { max: 128 })),
  reportDigest: text('SHA-256 of the full report, 64 hex digits.', {
    min: 64,
    max: 64,
    pattern: '^[0-9a-f]{64}$',
  }),
  completedTime: time('When it was done.'),
});

const pullRequest = group('Where a person decides.', {
  number: whole('Its number.', { min: 1, max: LARGEST }),
  url: text('Its address.', { max: 1024 }),
  branch: text('The branch that it proposes.', { max: 244 }),
  state: choice('How it stands.', ['Open', 'Closed', 'Merged']),
  mergedBy: optional(text('Who merged it.', { max: 128 })),
  commit: optional(text('The commit of the merge.', { min: 40, max: 64, pattern: '^[0-9a-f]+$' })),
});

const meanings = Object.entries(RECOMMENDATION_PHASES).map(([phase, meaning]) => `${phase}: ${meaning}`);

export const recommendationStatus = group(
  'What became of it.',
  {
    observedGeneration: optional(
      whole('The generation of the spec that this status is about.', { min: 0, max: LARGEST }),
    ),
    phase: optional(choice(`How far it is. ${meanings.join(' ')}`, PHASES)),
    reason: optional(
      text('Why it is in this phase, as one word; every final phase has one.', {
        min: 1,
        max: 256,
        pattern: '^[A-Z][A-Za-z0-9]*$',
      }),
    ),
    message: optional(text('Why, as a sentence for people.', { max: 4096 })),
    conditions: optional(conditions(RECOMMENDATION_CONDITIONS)),
    verification: optional(verification),
    pullRequest: optional(pullRequest),
  },
  {
    rules: [
      {
        rule: `!has(oldSelf.phase) || !(oldSelf.phase in ${FINAL}) || (has(self.phase) && self.phase == oldSelf.phase)`,
        message: 'a recommendation that is over stays as it is: it is kept as evidence',
        reason: 'FieldValueForbidden',
        fieldPath: '.phase',
      },
      {
        rule: `!has(self.phase) || !(self.phase in ${FINAL}) || has(self.reason)`,
        message: 'a final phase needs its reason',
        reason: 'FieldValueRequired',
        fieldPath: '.reason',
      },
    ],
  },
);

export type TuningRecommendationStatus = TypeOf<typeof recommendationStatus>;
