import { derive } from './derive.js';
import {
  LINK_FEATURES,
  REPLICA_FEATURES,
  type Feature,
  type LinkFeature,
  type ReplicaFeature,
} from './features.js';
import type { Reading, Value } from './reading.js';
import type { Recording, Scrape } from './recording.js';

/** The values of one feature, one for each moment of the window; NaN: it could not be told then. */
export type Series = Float64Array;

/** What a replica was like over a window. */
export interface ReplicaWindow {
  readonly name: string;
  /** For each moment: whether it answered. */
  readonly answered: readonly boolean[];
  readonly features: Readonly<Record<ReplicaFeature, Series>>;
  /** By the name of the other replica. */
  readonly links: Readonly<Record<string, Readonly<Record<LinkFeature, Series>>>>;
}

/** The typed features of a recording. Replicas are in the order of their names, so that who listed them first does not matter. */
export interface Window {
  /** Milliseconds since the recording began, one for each round of scrapes. */
  readonly timesMs: readonly number[];
  readonly replicas: readonly ReplicaWindow[];
  /** What is missing from all that was scraped, so that nothing can be said about it: renamed, or of another version. */
  readonly unknown: readonly string[];
}

interface Moment {
  readonly reading: Reading | undefined;
  /** Since the reading before this one; a gap between them is bridged. */
  readonly seconds: number;
  readonly anew: boolean;
}

const STARTED = 'aegis_process_start_time_seconds';

/** Turns scrapes into features: rates from counters, also over gaps and restarts; moments in which a replica did not answer are NaN. */
export function windowOf({ replicas, scrapes, scrapeMs }: Recording): Window {
  const rounds = roundsOf(scrapes, scrapeMs);
  const names = Object.keys(replicas).sort();
  const nameOf = new Map(Object.entries(replicas).map(([name, id]) => [String(id), name]));
  const seen = new Set<string>();
  const windows = names.map((name) => {
    const moments = momentsOf(name, rounds);
    for (const { reading } of moments) {
      for (const values of reading === undefined ? [] : [reading.values, ...Object.values(reading.links)])
        for (const metric of Object.keys(values)) seen.add(metric);
    }
    const others = names.filter((other) => other !== name);
    return {
      name,
      answered: moments.map(({ reading }) => reading !== undefined),
      features: featuresOf(REPLICA_FEATURES, moments, ({ values }, metric) => values[metric]),
      links: Object.fromEntries(
        others.map((other) => {
          const to = String(replicas[other]);
          const known = nameOf.get(to) === other;
          return [
            other,
            featuresOf(LINK_FEATURES, moments, ({ links }, metric) =>
              known ? links[to]?.[metric] : undefined,
            ),
          ];
        }),
      ),
    };
  });
  const wanted = [...Object.values(REPLICA_FEATURES), ...Object.values(LINK_FEATURES)].map(
    ({ metric }) => metric,
  );
  return {
    timesMs: rounds.map(({ atMs }) => atMs),
    replicas: windows,
    unknown: [...new Set(wanted)].filter((metric) => !seen.has(metric)).sort(),
  };
}

interface Round {
  readonly atMs: number;
  readonly readings: Map<string, Reading | undefined>;
}

/** Scrapes that belong together: those of one round are within half of the time between two. */
function roundsOf(scrapes: readonly Scrape[], scrapeMs: number): Round[] {
  const rounds: Round[] = [];
  for (const { atMs, replica, reading } of scrapes) {
    const last = rounds.at(-1);
    if (last !== undefined && atMs - last.atMs < scrapeMs / 2 && !last.readings.has(replica))
      last.readings.set(replica, reading);
    else rounds.push({ atMs, readings: new Map([[replica, reading]]) });
  }
  return rounds;
}

function momentsOf(name: string, rounds: readonly Round[]): Moment[] {
  let before: { reading: Reading; atMs: number } | undefined;
  return rounds.map(({ atMs, readings }) => {
    const reading = readings.get(name);
    const seconds = before === undefined ? Number.NaN : (atMs - before.atMs) / 1000;
    const anew =
      before !== undefined && reading !== undefined && started(before.reading) !== started(reading);
    const moment = { reading, seconds, anew };
    if (reading !== undefined) before = { reading, atMs };
    return moment;
  });
}

function started({ values }: Reading): Value | undefined {
  return values[STARTED];
}

function featuresOf<Name extends string>(
  features: Readonly<Record<Name, Feature>>,
  moments: readonly Moment[],
  pick: (reading: Reading, metric: string) => Value | undefined,
): Record<Name, Series> {
  const series = {} as Record<Name, Series>;
  for (const name of Object.keys(features) as Name[]) {
    const { metric, how } = features[name];
    const values = (series[name] = new Float64Array(moments.length).fill(Number.NaN));
    let before: Value | undefined;
    for (const [at, { reading, seconds, anew }] of moments.entries()) {
      if (reading === undefined) continue;
      const now = pick(reading, metric);
      values[at] = derive(how, { before, now, seconds, anew });
      before = now;
    }
  }
  return series;
}
