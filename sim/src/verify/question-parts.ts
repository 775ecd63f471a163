import {
  aimOf,
  environmentOf,
  EnvironmentError,
  type Environment,
  type Surroundings,
} from '@aegis/agent/counterfactual';
import { CLASSES, type IncidentClass } from '@aegis/agent/diagnose';
import { readRecording, RecordingError } from '@aegis/agent/telemetry';
import { readTrace, TraceError, type Trace } from '@aegis/client/chaos';
import {
  changedBy,
  checkEnvelope,
  kindOf,
  readConsensusFields,
  unknownName,
  type ConsensusSettings,
  type Patch,
} from '@aegis/replica/settings';

import type { Problem } from './question.js';

const CANDIDATES_MAX = 4;
/** Less shows nothing that is usual, and a replay of more does not end in time. */
const DURATION_MS = { min: 10_000, max: 120_000 };
const MS_MAX = 10_000;

export type Mapping = Readonly<Record<string, unknown>>;
/** Notes what is wrong with a field under its path; what could not be read is a stand-in then. */
export type Wrong = (path: string, message: string) => void;

/** What telemetry told, where it is handed in. */
export function environmentIn(text: unknown, wrong: Wrong): Environment | undefined {
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

export function classOf(
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

export function fieldsOf(value: unknown, path: string, problems: Problem[]): Partial<ConsensusSettings> {
  if (isMapping(value)) return readConsensusFields(value, path, problems);
  problems.push({ path, message: `must be a mapping of settings, is ${kindOf(value)}.` });
  return {};
}

export function candidatesOf(given: Mapping, base: ConsensusSettings, problems: Problem[]): Patch[] {
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

export function pathOf(given: Mapping, at: number): string {
  return given['candidates'] === undefined ? 'patch' : `candidates[${at}]`;
}

export function traceOf(text: unknown, replicas: number, wrong: Wrong): Trace {
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

export function surroundingsOf(
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

export function unsafe(settings: ConsensusSettings, path: string, replicas: number, wrong: Wrong): void {
  for (const { id, statement, passed, severity } of checkEnvelope(settings, { replicas }).findings)
    if (!passed && severity === 'required')
      wrong(path, `no replica starts with these settings, rule ${id}: ${statement}.`);
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
