import { METRICS } from './metrics.js';
import type { Histogram, Reading, Value, Values } from './reading.js';

/** What was scraped of the replicas of a cluster, over a time. An incident is such a recording, and a file: see docs/telemetry.md. */
export interface Recording {
  /** Names of the replicas, with the member id under which others speak of each. */
  readonly replicas: Readonly<Record<string, number>>;
  /** From one scrape to the next, in milliseconds. */
  readonly scrapeMs: number;
  /** In order of time. */
  readonly scrapes: readonly Scrape[];
}

/** One replica was asked. */
export interface Scrape {
  /** Milliseconds since the recording began, by the clock of who asked. */
  readonly atMs: number;
  readonly replica: string;
  /** Undefined: it did not answer. */
  readonly reading: Reading | undefined;
  /** Why it did not. */
  readonly missing?: string;
}

const FORMAT = 'aegis-telemetry';
const VERSION = 1;
/** A line of a recording, and a whole one. */
const LINE_CHARACTERS_MAX = 256 * 1024;
const LINES_MAX = 200_000;
const REPLICAS_MAX = 16;

/** The file is no recording, or is damaged. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';

  constructor(source: string, line: number, what: string) {
    super(`${source}, line ${line}: ${what}`);
  }
}

/** One JSON object a line: the head, then the scrapes. The same recording gives the same bytes. */
export function writeRecording({ replicas, scrapeMs, scrapes }: Recording): string {
  const known = new Map<string, string>();
  const lines = [JSON.stringify({ format: FORMAT, version: VERSION, scrapeMs, replicas })];
  for (const { atMs, replica, reading, missing } of scrapes) {
    if (reading === undefined) {
      lines.push(JSON.stringify({ atMs, replica, missing: missing ?? 'no answer' }));
      continue;
    }
    for (const values of [reading.values, ...Object.values(reading.links)]) {
      for (const [metric, value] of sorted(values)) {
        if (typeof value === 'number') continue;
        const bounds = JSON.stringify(value.bounds);
        // The bounds of a histogram hardly ever change, and are said once.
        if (known.get(metric) === bounds) continue;
        known.set(metric, bounds);
        lines.push(JSON.stringify({ bounds: { [metric]: value.bounds } }));
      }
    }
    const links = Object.fromEntries(sorted(reading.links).map(([to, values]) => [to, packed(values)]));
    const { unreadable } = reading;
    const cut = unreadable === 0 ? {} : { unreadable };
    lines.push(JSON.stringify({ atMs, replica, values: packed(reading.values), links, ...cut }));
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Reads a recording. Throws RecordingError that names the line.
 * @param source where the text comes from, for the error
 */
export function readRecording(text: string, source: string): Recording {
  const lines = text.split('\n', LINES_MAX + 2);
  const refuse = (line: number, what: string): never => {
    throw new RecordingError(source, line, what);
  };
  if (lines.length < 2 || lines.at(-1) !== '')
    refuse(lines.length, 'the last line is not ended: the file was cut');
  lines.pop();
  if (lines.length > LINES_MAX) refuse(LINES_MAX + 1, `a recording has at most ${LINES_MAX} lines`);
  const head = parseLine(lines[0] ?? '', source, 1);
  if (head['format'] !== FORMAT || head['version'] !== VERSION)
    refuse(1, `the head has to say {"format":"${FORMAT}","version":${VERSION},…}`);
  const { scrapeMs } = head;
  if (typeof scrapeMs !== 'number' || !(scrapeMs >= 100 && scrapeMs <= 600_000))
    return refuse(1, 'scrapeMs has to be 100 to 600000 milliseconds');
  const replicas =
    replicasOf(head['replicas']) ??
    refuse(1, `replicas has to give up to ${REPLICAS_MAX} names their member ids`);
  const bounds = new Map<string, readonly number[]>();
  const scrapes: Scrape[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue;
    const object = parseLine(line, source, index + 1);
    if (isMapping(object['bounds'])) {
      for (const [metric, given] of Object.entries(object['bounds']))
        bounds.set(
          metric,
          rising(given) ?? refuse(index + 1, `the bounds of ${metric} are not rising numbers`),
        );
      continue;
    }
    const problem = (what: string): never => refuse(index + 1, what);
    scrapes.push(scrapeOf(object, replicas, bounds, scrapes.at(-1)?.atMs ?? 0, problem));
  }
  return { replicas, scrapeMs, scrapes };
}

function scrapeOf(
  object: Mapping,
  replicas: Readonly<Record<string, number>>,
  bounds: ReadonlyMap<string, readonly number[]>,
  notBeforeMs: number,
  refuse: (what: string) => never,
): Scrape {
  const { atMs, replica, values, links, missing, unreadable } = object;
  if (typeof atMs !== 'number' || !(atMs >= notBeforeMs))
    return refuse('atMs has to be a time, and none before the last');
  if (typeof replica !== 'string' || !Object.hasOwn(replicas, replica))
    return refuse('replica has to be one of the head');
  if (typeof missing === 'string') return { atMs, replica, reading: undefined, missing };
  if (!isMapping(values) || !isMapping(links))
    return refuse('a scrape has values and links, or says that they are missing');
  const unpack = (packedValues: unknown): Values => {
    if (!isMapping(packedValues)) return refuse('values have to be a mapping');
    const read: Record<string, Value> = {};
    for (const [metric, value] of Object.entries(packedValues))
      read[metric] = valueOf(metric, value, bounds) ?? refuse(`the value of ${metric} cannot be read`);
    return read;
  };
  return {
    atMs,
    replica,
    reading: {
      values: unpack(values),
      links: Object.fromEntries(Object.entries(links).map(([to, given]) => [to, unpack(given)])),
      unreadable: typeof unreadable === 'number' ? unreadable : 0,
    },
  };
}

function valueOf(
  metric: string,
  value: unknown,
  known: ReadonlyMap<string, readonly number[]>,
): Value | undefined {
  if (typeof value === 'number') return METRICS[metric]?.kind === 'histogram' ? undefined : value;
  const bounds = known.get(metric);
  if (!isMapping(value) || bounds === undefined) return undefined;
  const { counts, sum } = value;
  const fits =
    Array.isArray(counts) &&
    counts.length === bounds.length + 1 &&
    counts.every((count) => typeof count === 'number');
  return fits && typeof sum === 'number' ? { bounds, counts, sum } : undefined;
}

function packed(values: Values): Record<string, number | Omit<Histogram, 'bounds'>> {
  return Object.fromEntries(
    sorted(values).map(([metric, value]) => [
      metric,
      typeof value === 'number' ? value : { counts: value.counts, sum: value.sum },
    ]),
  );
}

type Mapping = Readonly<Record<string, unknown>>;

function parseLine(line: string, source: string, number: number): Mapping {
  if (line.length > LINE_CHARACTERS_MAX)
    throw new RecordingError(source, number, `a line has at most ${LINE_CHARACTERS_MAX} characters`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    parsed = undefined;
  }
  if (!isMapping(parsed)) throw new RecordingError(source, number, 'not a JSON object');
  return parsed;
}

function replicasOf(given: unknown): Record<string, number> | undefined {
  if (!isMapping(given)) return undefined;
  const entries = Object.entries(given);
  const fits =
    entries.length > 0 &&
    entries.length <= REPLICAS_MAX &&
    entries.every(([, id]) => Number.isSafeInteger(id));
  return fits ? (given as Record<string, number>) : undefined;
}

function rising(given: unknown): readonly number[] | undefined {
  if (!Array.isArray(given)) return undefined;
  const numbers = given as unknown[];
  const fits = numbers.every(
    (bound, index) => typeof bound === 'number' && (index === 0 || bound > (numbers[index - 1] as number)),
  );
  return fits ? (numbers as number[]) : undefined;
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted<T>(mapping: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(mapping).sort(([a], [b]) => (a < b ? -1 : 1));
}
