import { stringify } from 'yaml';
import { BOUNDS, classify, SIGNALS, type SignalKind } from '../classify/index.js';
import { LOAD } from '../classify/classes.js';
import { Look } from '../classify/look.js';
import { quantileOf } from '../classify/series.js';
import { CLASSES, type IncidentClass } from '../diagnose/index.js';
import { windowOf, type Recording, type Series } from '../telemetry/index.js';
import { linkFaults } from './link-faults.js';
import { measured, type Measured } from './measures.js';
import { memberFaults, roleIn, type FaultEntry } from './member-faults.js';

/** What is usual there, in milliseconds. */
export interface Surroundings {
  /** One write and sync of the log. */
  readonly fsyncMs: number;
  /** From one replica to another. */
  readonly oneWayMs: number;
}

/** In what an incident happened, as far as telemetry tells: a trace of `aegis chaos`, and what was usual around it. */
export interface Environment {
  /** YAML, see docs/chaos.md. Its roles are the members in the order of their names, the first leader marked. */
  readonly trace: string;
  readonly surroundings: Surroundings;
  /** What was seen and is not in the trace, for people: a replay may fail to show the incident because of it. */
  readonly missing: readonly string[];
  /** From one scrape to the next: windows of other scrapes tell other things. */
  readonly scrapeMs: number;
  /** What the incident was, in the order of `CLASSES`, and how bad: what a replay has to come to. */
  readonly classes: readonly IncidentClass[];
  readonly measured: Measured;
}

/** The recording tells too little to make an environment of. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/** A replay is to end in time: of a longer recording the newest part is taken. */
export const ENVIRONMENT_MS_MAX = 120_000;
const LEAST_MS = 10_000;
/** As many as a trace may have. */
const FAULTS_MAX = 200;
const CLIENTS = 8;
const LEAST_PER_SECOND = 0.1;

/** No trace says these: load beyond the usual, and processes that are slow without standing still. */
const NOT_CARRIED: readonly SignalKind[] = ['slow-loop', 'garbage', 'little-cpu', 'clock-off', ...LOAD];

/** The same recording gives the same environment. Throws EnvironmentError. */
export function environmentOf(recording: Recording): Environment {
  const lastMs = recording.scrapes.at(-1)?.atMs ?? 0;
  const scrapes = recording.scrapes.filter(({ atMs }) => atMs >= lastMs - ENVIRONMENT_MS_MAX);
  const window = windowOf({ ...recording, scrapes });
  const { timesMs } = window;
  const durationMs = Math.round((timesMs.at(-1) ?? 0) - (timesMs[0] ?? 0));
  if (durationMs < LEAST_MS)
    throw new EnvironmentError(
      `the recording has ${durationMs} ms; at least ${LEAST_MS} ms are needed to see what is usual and what is not`,
    );
  const look = new Look(window, BOUNDS);
  if (Number.isNaN(look.usual('fsyncMean')) || Number.isNaN(look.usualOfLinks('roundTripMean')))
    throw new EnvironmentError(
      'the recording tells no fsync times or no round trips: nothing can be replayed',
    );
  const all = [...memberFaults(look), ...linkFaults(look)];
  const longest = all.toSorted((a, b) => b.forMs - a.forMs).slice(0, FAULTS_MAX);
  const faults = all.filter((fault) => longest.includes(fault)).sort((a, b) => a.atMs - b.atMs);
  const { signals, classes } = classify(window);
  const seen = new Set(signals.map(({ kind }) => kind));
  return {
    trace: stringify(
      {
        name: 'incident',
        about: 'What telemetry told of an incident.',
        duration: ms(durationMs),
        replicas: window.replicas.length,
        roles: rolesOf(look),
        load: loadOf(look),
        faults: faults.map((fault) => entryOf(fault, durationMs)),
      },
      { aliasDuplicateObjects: false },
    ),
    surroundings: {
      fsyncMs: thousandths(1000 * look.usual('fsyncMean')),
      oneWayMs: thousandths(500 * look.usualOfLinks('roundTripMean')),
    },
    missing: [
      ...NOT_CARRIED.filter((kind) => seen.has(kind)).map((kind) => SIGNALS[kind].text),
      ...(all.length > FAULTS_MAX ? [`${all.length - FAULTS_MAX} shorter faults of ${all.length}`] : []),
    ],
    scrapeMs: recording.scrapeMs,
    classes: CLASSES.filter((name) => classes.some((finding) => finding.class === name)),
    measured: measured(window),
  };
}

function rolesOf(look: Look): Record<string, string> {
  const first = look.leaders.find((leader) => leader !== undefined);
  return Object.fromEntries(
    look.replicas.map((replica) => [
      roleIn(look, replica),
      first === undefined ? 'any' : replica === first ? 'leader' : 'follower',
    ]),
  );
}

/**
 * What is written is applied by everyone, what is read is asked for and not applied. It is what was usual while anything was asked for:
 * where nothing gets through, clients want it all the same.
 */
function loadOf(look: Look): unknown[] {
  const usual = (rates: Series): number => {
    const asked = rates.filter((rate) => rate >= LEAST_PER_SECOND);
    return asked.length === 0 ? 0 : thousandths(quantileOf(asked, 0.5));
  };
  const puts = usual(look.most('applied'));
  const gets = thousandths(Math.max(0, usual(look.total('operations')) - puts));
  const load = [
    { kind: 'puts', clients: CLIENTS, perSecond: puts },
    { kind: 'gets', clients: CLIENTS, perSecond: gets },
  ];
  return load.filter(({ perSecond }) => perSecond >= LEAST_PER_SECOND);
}

function entryOf({ atMs, forMs, effect, moment }: FaultEntry, durationMs: number): Record<string, unknown> {
  const at = Math.min(Math.max(0, Math.round(atMs)), durationMs - 1);
  const lasting = Math.min(Math.max(1, Math.round(forMs)), durationMs - at);
  return { ...effect, at: ms(at), ...(moment === true ? {} : { for: ms(lasting) }) };
}

function ms(value: number): string {
  return `${value}ms`;
}

function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}
