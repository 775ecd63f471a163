import { parsePage } from '@aegis/replica/exposition';
import { METRICS } from './metrics.js';

/** How often values were at most so large, since the process began; the last bound is infinite. */
export interface Histogram {
  /** Upper bounds in seconds, rising; without the infinite one. */
  readonly bounds: readonly number[];
  /** Counts up to each bound and, last, of all. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export type Value = number | Histogram;
export type Values = Readonly<Record<string, Value>>;

/** What one scrape of one replica told. What was missing, or no number, is not in it. */
export interface Reading {
  readonly values: Values;
  /** By the peer's member id. */
  readonly links: Readonly<Record<string, Values>>;
  /** Lines that could not be read. */
  readonly unreadable: number;
}

interface Growing {
  number?: number;
  sum?: number;
  readonly counts: Map<number, number>;
}

/** Takes from a page of metrics what the agent knows. */
export function readPage(text: string): Reading {
  const { samples, unreadable } = parsePage(text);
  const own = new Map<string, Growing>();
  const links = new Map<string, Map<string, Growing>>();
  for (const { name, labels, value } of samples) {
    const base = baseOf(name);
    const metric = METRICS[base];
    if (metric === undefined || Number.isNaN(value)) continue;
    const to = metric.link === true ? labels['to'] : undefined;
    if (metric.link === true && to === undefined) continue;
    const place = to === undefined ? own : at(links, to, (): Map<string, Growing> => new Map());
    const growing = at(place, base, (): Growing => ({ counts: new Map() }));
    if (metric.kind !== 'histogram') {
      if (Number.isFinite(value)) growing.number = (growing.number ?? 0) + value;
    } else if (name.endsWith('_sum')) growing.sum = (growing.sum ?? 0) + value;
    else if (name.endsWith('_bucket')) {
      const bound = boundOf(labels['le']);
      if (bound !== undefined) growing.counts.set(bound, (growing.counts.get(bound) ?? 0) + value);
    }
  }
  return {
    values: finished(own),
    links: Object.fromEntries([...links].map(([to, values]) => [to, finished(values)])),
    unreadable,
  };
}

function finished(growing: ReadonlyMap<string, Growing>): Values {
  const values: Record<string, Value> = {};
  for (const [name, { number, sum, counts }] of growing) {
    if (number !== undefined) values[name] = number;
    const histogram = histogramOf(sum, counts);
    if (histogram !== undefined) values[name] = histogram;
  }
  return values;
}

/** Undefined: it is not whole, so that nothing can be said. */
function histogramOf(sum: number | undefined, counts: ReadonlyMap<number, number>): Histogram | undefined {
  const rising = [...counts].sort(([a], [b]) => a - b);
  const whole = sum !== undefined && rising.at(-1)?.[0] === Infinity;
  const grows = rising.every(([, count], index) => count >= (rising[index - 1]?.[1] ?? 0));
  if (!whole || !grows) return undefined;
  return {
    bounds: rising.slice(0, -1).map(([bound]) => bound),
    counts: rising.map(([, count]) => count),
    sum,
  };
}

function baseOf(name: string): string {
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return METRICS[base]?.kind === 'histogram' ? base : name;
}

function boundOf(le: string | undefined): number | undefined {
  if (le === '+Inf') return Infinity;
  const bound = le === undefined || le === '' ? Number.NaN : Number(le);
  return Number.isNaN(bound) ? undefined : bound;
}

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
