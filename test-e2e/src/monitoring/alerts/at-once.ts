import { parse, stringify } from 'yaml';

/** The load is there before the first fault. */
const BEFORE_MS = 2_000;
const MS = { ms: 1, s: 1_000, m: 60_000 } as const;

interface Entry {
  readonly at?: string;
}
interface Written {
  readonly duration: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly faults?: readonly Entry[];
  readonly load?: readonly Entry[];
}

/**
 * A trace without the quiet time before its first fault, or its first load that comes later: the run has had load alone already. The
 * faults, how long they last and what lies between them stay.
 */
export function atOnce(text: string): string {
  const trace = parse(text) as Written;
  const begins = [...(trace.faults ?? []), ...(trace.load ?? [])].flatMap(({ at }) =>
    at === undefined ? [] : [msOf(at)],
  );
  const cutMs = Math.max(0, Math.min(...begins) - BEFORE_MS);
  if (!Number.isFinite(cutMs)) return text;
  const earlier = <T extends Entry>(entry: T): T =>
    entry.at === undefined ? entry : { ...entry, at: `${Math.max(0, msOf(entry.at) - cutMs)}ms` };
  return stringify({
    ...trace,
    duration: `${msOf(trace.duration) - cutMs}ms`,
    ...(trace.faults === undefined ? {} : { faults: trace.faults.map(earlier) }),
    ...(trace.load === undefined ? {} : { load: trace.load.map(earlier) }),
  });
}

/** The same trace for a cluster that was started with its settings. */
export function withoutSettings(text: string): {
  readonly trace: string;
  readonly settings: Readonly<Record<string, unknown>>;
} {
  const { settings = {}, ...rest } = parse(text) as Written;
  return { trace: stringify(rest), settings };
}

/** Another length of the same trace. */
export function lasting(text: string, seconds: number): string {
  return stringify({ ...(parse(text) as Written), duration: `${seconds}s` });
}

function msOf(written: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(written) ?? [];
  if (count === undefined) throw new Error(`not a time of a trace: ${written}`);
  return Number(count) * MS[unit as keyof typeof MS];
}
