import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SupervisorError } from '../supervisor/errors.js';

const FILES_MAX = 1_000;
const FILE_BYTES_MAX = 1024 * 1024;
const TEXT_CHARACTERS_MAX = 1_000;

type Mapping = Readonly<Record<string, unknown>>;

/** What the agent wrote about an incident, as far as it is shown. Times are milliseconds since 1970. */
export interface IncidentFile {
  readonly id: string;
  readonly classes: readonly string[];
  readonly onset: number;
  readonly openedAt: number;
  readonly endedAt: number | undefined;
  readonly causes: readonly { readonly fault: string; readonly at: string; readonly sharePermille: number }[];
  readonly advice: string | undefined;
  readonly recommendation: string | undefined;
  readonly postmortem: string | undefined;
}

/** What the agent wrote about a proposal, as far as it is shown. */
export interface RecommendationFile {
  readonly id: string;
  readonly family: string;
  readonly patch: Readonly<Record<string, number>>;
  readonly phase: string;
  readonly reason: string;
  readonly proposedAt: number;
  readonly branch: string | undefined;
  readonly effect: string;
  readonly verification: Mapping | undefined;
}

export interface Found<T> {
  /** As they were written, for machines. */
  readonly raw: readonly Mapping[];
  readonly read: readonly T[];
  /** Files that could not be read, with the reason. */
  readonly broken: readonly string[];
}

/** What the agent of a cluster on this machine saw, oldest first. @param agentFolder `agent` in the cluster's folder */
export function readIncidents(agentFolder: string): Found<IncidentFile> {
  return readAll(join(agentFolder, 'incidents'), 'Incident', (file) => ({
    id: text(file, 'id'),
    classes: list(file['classes']).map((each) => clean(String(each))),
    onset: time(file, 'onset'),
    openedAt: time(file, 'openedAt'),
    endedAt: file['endedAt'] === undefined ? undefined : time(file, 'endedAt'),
    causes: list(file['causes'])
      .filter(isMapping)
      .map((cause) => ({
        fault: text(cause, 'fault'),
        at: text(cause, 'at'),
        sharePermille: time(cause, 'sharePermille'),
      })),
    advice: optional(file, 'advice'),
    recommendation: optional(file, 'recommendation'),
    postmortem: optional(file, 'postmortem'),
  }));
}

/** What the agent proposed, and what became of it, oldest first. */
export function readRecommendations(agentFolder: string): Found<RecommendationFile> {
  return readAll(join(agentFolder, 'recommendations'), 'TuningRecommendation', (file) => {
    const { patch, verification } = file;
    if (!isMapping(patch)) throw new Error('patch is no mapping');
    const numbers = Object.entries(patch).map(([name, value]) => [
      clean(name),
      number(value, `patch.${name}`),
    ]);
    return {
      id: text(file, 'id'),
      family: text(file, 'family'),
      patch: Object.fromEntries(numbers) as Record<string, number>,
      phase: text(file, 'phase'),
      reason: text(file, 'reason'),
      proposedAt: time(file, 'proposedAt'),
      branch: optional(file, 'branch'),
      effect: text(file, 'effect'),
      verification: isMapping(verification) ? verification : undefined,
    };
  });
}

function readAll<T>(folder: string, kind: string, read: (file: Mapping) => T): Found<T> {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { raw: [], read: [], broken: [] };
    throw new SupervisorError(`cannot read ${folder}: ${(error as Error).message}`, { cause: error });
  }
  const found = { raw: [] as Mapping[], read: [] as T[], broken: [] as string[] };
  for (const name of names.sort().slice(-FILES_MAX)) {
    const path = join(folder, name);
    try {
      if (statSync(path).size > FILE_BYTES_MAX) throw new Error(`more than ${FILE_BYTES_MAX} bytes`);
      const file = JSON.parse(readFileSync(path, 'utf8')) as unknown;
      if (!isMapping(file) || file['kind'] !== kind) throw new Error(`no ${kind}`);
      found.read.push(read(file));
      found.raw.push(file);
    } catch (error) {
      found.broken.push(`${path}: ${(error as Error).message}`);
    }
  }
  return found;
}

function text(file: Mapping, name: string): string {
  const value = file[name];
  if (typeof value !== 'string') throw new Error(`${name} is no text`);
  return clean(value);
}

function optional(file: Mapping, name: string): string | undefined {
  return file[name] === undefined ? undefined : text(file, name);
}

function time(file: Mapping, name: string): number {
  return number(file[name], name);
}

function number(value: unknown, name: string): number {
  if (!Number.isSafeInteger(value)) throw new Error(`${name} is no whole number`);
  return value as number;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Control characters, and those that turn the direction of what is written. */
// eslint-disable-next-line no-control-regex
const STEERING = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** What is in it comes from telemetry in the end, and must not steer a terminal. */
function clean(given: string): string {
  return given.slice(0, TEXT_CHARACTERS_MAX).replaceAll(STEERING, ' ');
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
