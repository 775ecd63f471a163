import {
  aimOf,
  environmentOf,
  EnvironmentError,
  PRIMARY,
  type Environment,
  type Surroundings,
} from '@aegis/agent/counterfactual';
import { CLASSES, type IncidentClass } from '@aegis/agent/diagnose';
import { readRecording, RecordingError } from '@aegis/agent/telemetry';
import { readTrace, TraceError, type Trace } from '@aegis/client/chaos';
import {
  changedBy,
  checkEnvelope,
  isProfile,
  kindOf,
  patched,
  PROFILES,
  readConsensusFields,
  resolveSettings,
  unknownName,
  type ConsensusSettings,
  type Patch,
  type Profile,
} from '@aegis/replica/settings';

/** What is to be verified. All of it is data: the same question has the same answer, byte for byte. */
export interface Question {
  readonly class: IncidentClass;
  readonly replicas: number;
  readonly profile: Profile;
  /** What the cluster runs. */
  readonly base: ConsensusSettings;
  /** Of several the best is chosen first, on seeds of their own. */
  readonly candidates: readonly Patch[];
  readonly trace: Trace;
  /** Undefined: those of the simulator, a sound disk and a sound network in one place. */
  readonly surroundings: Surroundings | undefined;
  /** The class's primary signal as it was measured in the incident. Undefined: the trace is all that is known of it. */
  readonly observed: number | undefined;
  /** As the incident was scraped, so that windows tell the same of it. */
  readonly scrapeMs: number;
  /** What was seen in the incident and is not replayed, for people. */
  readonly missing: readonly string[];
  readonly seed: number;
}

export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** The input cannot be used. Lists everything that is wrong, not only the first. */
export class QuestionError extends Error {
  override readonly name = 'QuestionError';

  constructor(
    readonly source: string,
    readonly problems: readonly Problem[],
  ) {
    const lines = problems.map(({ path, message }) => `  ${path === '' ? '' : `${path}: `}${message}`);
    super(`${source} cannot be verified\n${lines.join('\n')}`);
  }
}

/** A recording of five minutes is a tenth of it. */
const CHARACTERS_MAX = 32 * 1024 * 1024;
const CANDIDATES_MAX = 4;
/** Less shows nothing that is usual, and a replay of more does not end in time. */
const DURATION_MS = { min: 10_000, max: 120_000 };
const MS_MAX = 10_000;
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

type Mapping = Readonly<Record<string, unknown>>;

/**
 * Reads the JSON of a question, see docs/verification.md. Throws QuestionError.
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

type Wrong = (path: string, message: string) => void;

/** What telemetry told, where it is handed in. */
function environmentIn(text: unknown, wrong: Wrong): Environment | undefined {
  if (text === undefined) return undefined;
  if (typeof text !== 'string') {
    wrong('recording', `must be the text of a recording (docs/telemetry.md), is ${kindOf(text)}.`);
    return undefined;
  }
  try {
    return environmentOf(readRecording(text, 'recording'));
  } catch (error) {
    if (!(error instanceof RecordingError) && !(error instanceof EnvironmentError)) throw error;
    wrong('recording', `${error.message}.`);
    return undefined;
  }
}

function classOf(
  given: unknown,
  environment: Environment | undefined,
  [patch = {}]: readonly Patch[],
  wrong: Wrong,
): IncidentClass {
  const named = CLASSES.find((each) => each === given);
  if (named !== undefined) return named;
  const aimed =
    given === undefined && environment !== undefined ? aimOf(patch, environment.classes) : undefined;
  if (aimed !== undefined) return aimed;
  if (given === undefined && environment !== undefined)
    wrong(
      'recording',
      `shows none of the classes ${CLASSES.join(', ')}: say class, or there is nothing to be better.`,
    );
  else wrong('class', `must be one of ${CLASSES.join(', ')}, is ${kindOf(given)}.`);
  return 'ElectionStorm';
}

function fieldsOf(value: unknown, path: string, problems: Problem[]): Partial<ConsensusSettings> {
  if (isMapping(value)) return readConsensusFields(value, path, problems);
  problems.push({ path, message: `must be a mapping of settings, is ${kindOf(value)}.` });
  return {};
}

function candidatesOf(given: Mapping, base: ConsensusSettings, problems: Problem[]): Patch[] {
  const { patch, candidates } = given;
  if ((patch === undefined) === (candidates === undefined)) {
    problems.push({ path: 'patch', message: 'say either patch, or candidates: a list of patches.' });
    return [];
  }
  const list = candidates === undefined ? [patch] : candidates;
  if (!Array.isArray(list) || list.length === 0 || list.length > CANDIDATES_MAX) {
    const message = `must be a list of 1 to ${CANDIDATES_MAX} patches, is ${kindOf(list)}.`;
    problems.push({ path: 'candidates', message });
    return [];
  }
  return list.map((each: unknown, at) => {
    const path = pathOf(given, at);
    const before = problems.length;
    const read = fieldsOf(each, path, problems);
    if (problems.length === before && changedBy({ base, patch: read }).length === 0)
      problems.push({ path, message: 'changes nothing: there is nothing to compare.' });
    return read;
  });
}

function pathOf(given: Mapping, at: number): string {
  return given['candidates'] === undefined ? 'patch' : `candidates[${at}]`;
}

function traceOf(text: unknown, replicas: number, wrong: Wrong): Trace {
  const nothing: Trace = {
    name: 'nothing',
    about: '',
    seed: 1,
    durationMs: DURATION_MS.min,
    replicas,
    settings: {},
    roles: {},
    load: [],
    faults: [],
  };
  if (typeof text !== 'string') {
    wrong(
      'trace',
      `must be the YAML text of a trace (docs/chaos.md), or say recording; it is ${kindOf(text)}.`,
    );
    return nothing;
  }
  try {
    const trace = readTrace(text, 'trace');
    const { durationMs } = trace;
    if (trace.replicas !== replicas)
      wrong('trace.replicas', `the trace is of ${trace.replicas} replicas, the cluster has ${replicas}.`);
    if (durationMs < DURATION_MS.min || durationMs > DURATION_MS.max)
      wrong(
        'trace.duration',
        `must be from ${DURATION_MS.min} ms to ${DURATION_MS.max} ms, is ${durationMs} ms: cut it around what happens.`,
      );
    return trace;
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    for (const { path, message } of error.problems) wrong(path === '' ? 'trace' : `trace.${path}`, message);
    return nothing;
  }
}

function surroundingsOf(
  value: unknown,
  wrong: Wrong,
  number: (path: string, value: unknown, min: number, max: number, whole: boolean) => number,
): Surroundings | undefined {
  if (value === undefined) return undefined;
  if (!isMapping(value)) {
    wrong('surroundings', `must say fsyncMs and oneWayMs, is ${kindOf(value)}.`);
    return undefined;
  }
  for (const name of Object.keys(value))
    if (name !== 'fsyncMs' && name !== 'oneWayMs')
      wrong(`surroundings.${name}`, unknownName(name, ['fsyncMs', 'oneWayMs']));
  return {
    fsyncMs: number('surroundings.fsyncMs', value['fsyncMs'], 0, MS_MAX, false),
    oneWayMs: number('surroundings.oneWayMs', value['oneWayMs'], 0, MS_MAX, false),
  };
}

function unsafe(settings: ConsensusSettings, path: string, replicas: number, wrong: Wrong): void {
  for (const { id, statement, passed, severity } of checkEnvelope(settings, { replicas }).findings)
    if (!passed && severity === 'required')
      wrong(path, `no replica starts with these settings, rule ${id}: ${statement}.`);
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
