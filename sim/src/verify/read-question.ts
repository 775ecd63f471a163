import { PRIMARY } from '@aegis/agent/counterfactual';
import { isProfile, kindOf, patched, PROFILES, resolveSettings, unknownName } from '@aegis/replica/settings';

import {
  candidatesOf,
  classOf,
  environmentIn,
  fieldsOf,
  isMapping,
  pathOf,
  surroundingsOf,
  traceOf,
  unsafe,
  type Mapping,
  type Wrong,
} from './question-parts.js';
import { QuestionError, type Problem, type Question } from './question.js';

/** A recording of five minutes is a tenth of it. */
const CHARACTERS_MAX = 32 * 1024 * 1024;
const OBSERVED_MAX = 1e9;
const SEED_MAX = 2 ** 31 - 1;
const SCRAPE_MS = { min: 100, max: 10_000, byDefault: 1000 };
const VERSION = 1;
const FIELDS = [
  'version',
  'incident',
  'beganAt',
  'class',
  'replicas',
  'profile',
  'base',
  'patch',
  'candidates',
  'recording',
  'trace',
  'surroundings',
  'observed',
  'scrapeMs',
  'seed',
];

/**
 * Reads the JSON of a question, see docs/counterfactual.md. Throws QuestionError.
 * @param source where the text comes from, for the error
 */
export function readQuestion(text: string, source: string): Question {
  const problems: Problem[] = [];
  const wrong: Wrong = (path, message) => void problems.push({ path, message });
  const given = parsed(text, source);
  for (const name of Object.keys(given)) if (!FIELDS.includes(name)) wrong(name, unknownName(name, FIELDS));
  if (given['version'] !== VERSION) wrong('version', `must be ${VERSION}, is ${kindOf(given['version'])}.`);
  const number = (path: string, value: unknown, min: number, max: number, whole: boolean): number => {
    const fits = typeof value === 'number' && value >= min && value <= max;
    if (fits && (!whole || Number.isSafeInteger(value))) return value;
    const shown = typeof value === 'number' ? String(value) : kindOf(value);
    wrong(path, `must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, is ${shown}.`);
    return min;
  };
  const replicas = number('replicas', given['replicas'], 1, 7, true);
  const profile = given['profile'] ?? 'all';
  if (!isProfile(profile)) wrong('profile', `must be one of ${PROFILES.join(', ')}, is ${kindOf(profile)}.`);
  const settings = fieldsOf(given['base'] ?? {}, 'base', problems);
  const base = resolveSettings(isProfile(profile) ? profile : 'all', settings);
  const candidates = candidatesOf(given, base, problems);
  const environment = environmentIn(given['recording'], wrong);
  const incident = classOf(given['class'], environment, candidates, wrong);
  const optional = (name: 'observed' | 'scrapeMs', min: number, max: number): number | undefined =>
    given[name] === undefined ? undefined : number(name, given[name], min, max, false);
  const seen = environment?.measured[PRIMARY[incident].measure];
  const question = {
    class: incident,
    replicas,
    profile: isProfile(profile) ? profile : 'all',
    base,
    candidates,
    trace: traceOf(given['trace'] ?? environment?.trace, replicas, wrong),
    surroundings: surroundingsOf(given['surroundings'], wrong, number) ?? environment?.surroundings,
    observed: optional('observed', 0, OBSERVED_MAX) ?? (Number.isFinite(seen) ? seen : undefined),
    scrapeMs:
      optional('scrapeMs', SCRAPE_MS.min, SCRAPE_MS.max) ??
      Math.min(SCRAPE_MS.max, environment?.scrapeMs ?? SCRAPE_MS.byDefault),
    missing: given['trace'] === undefined ? (environment?.missing ?? []) : [],
    seed: number('seed', given['seed'] ?? 1, 1, SEED_MAX, true),
  } satisfies Question;
  // What cannot run cannot be compared. Only once each number is right for itself.
  if (problems.length === 0) {
    unsafe(base, 'base', replicas, wrong);
    for (const [at, patch] of question.candidates.entries())
      unsafe(patched(base, patch), pathOf(given, at), replicas, wrong);
  }
  if (problems.length > 0) throw new QuestionError(source, problems);
  return question;
}

function parsed(text: string, source: string): Mapping {
  const refuse = (message: string): never => {
    throw new QuestionError(source, [{ path: '', message }]);
  };
  if (text.length > CHARACTERS_MAX)
    refuse(`at most ${CHARACTERS_MAX} characters are read, these are ${text.length}.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    refuse(`not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return isMapping(value) ? value : refuse(`must be a JSON object, is ${kindOf(value)}.`);
}
