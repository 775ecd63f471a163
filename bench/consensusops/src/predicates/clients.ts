import type { Call, TruthLog } from '../truth/log.js';
import { BOUNDS } from './bounds.js';
import { secondsSpans, type Span } from './spans.js';

/** The first seconds are those of a cluster that is still warming up. */
const WARM_UP_S = 5;

/** What clients were used to before anything was done: from the fifth second on. */
export interface Before {
  /** The slowest twentieth of calls took so long, in the median second. */
  readonly slowMs: number;
  readonly clients: number;
  readonly bytes: number;
}

/** What the calls by way of one member in one second were like; a call counts in the second in which it was asked. */
interface CallSecond {
  readonly second: number;
  readonly calls: number;
  readonly failed: number;
  /** The slowest twentieth of those that were answered begins here; undefined: none was. */
  readonly slowMs: number | undefined;
}

/** From the fifth second on. */
export function callSeconds({ calls }: TruthLog): CallSecond[] {
  const groups = new Map<string, Call[]>();
  for (const call of calls) {
    const second = Math.floor(call.beganMs / 1000);
    if (second < WARM_UP_S) continue;
    const key = `${second} ${call.via}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [call]);
    else group.push(call);
  }
  return [...groups.values()].map((group) => {
    const took = Float64Array.from(group.flatMap(({ tookMs }) => tookMs ?? [])).sort();
    return {
      second: Math.floor(group[0]!.beganMs / 1000),
      calls: group.length,
      failed: group.length - took.length,
      slowMs: took[Math.max(0, Math.ceil(took.length * 0.95) - 1)],
    };
  });
}

/** @param untilMs when the first thing was done */
export function beforeOf(seconds: readonly CallSecond[], { demand }: TruthLog, untilMs: number): Before {
  const until = Math.floor(untilMs / 1000);
  const early = demand.filter(({ second }) => second >= WARM_UP_S && second < until);
  return {
    slowMs: median(seconds.flatMap(({ second, slowMs }) => (second < until ? (slowMs ?? []) : []))),
    clients: Math.max(1, median(early.map(({ clients }) => clients))),
    bytes: Math.max(1, median(early.map(({ bytes }) => bytes))),
  };
}

/** When the clients of one member at least waited far longer than before, or got no answer. */
export function lateSpans(seconds: readonly CallSecond[], before: Before, scale: number): Span[] {
  const boundMs = Math.max(before.slowMs * BOUNDS.lateTimes, BOUNDS.lateMs) * scale;
  const late = seconds.filter(
    ({ calls, failed, slowMs }) => failed / calls >= BOUNDS.failedShare * scale || (slowMs ?? 0) >= boundMs,
  );
  return secondsSpans(late.map(({ second }) => second));
}

/** When clients wanted far more than before. */
export function demandSpans({ demand }: TruthLog, before: Before, scale: number): Span[] {
  return secondsSpans(
    demand
      .filter(
        ({ clients, bytes }) =>
          clients >= before.clients * BOUNDS.demandClients * scale ||
          bytes >= before.bytes * BOUNDS.demandBytes * scale,
      )
      .map(({ second }) => second),
  );
}

/** How many clients lost a lease. */
export function leaseLosers({ keepers }: TruthLog, sinceMs: number): number {
  return keepers.filter(({ lostMs }) => lostMs.some((atMs) => atMs >= sinceMs)).length;
}

export function median(numbers: readonly number[]): number {
  const sorted = Float64Array.from(numbers).sort();
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
