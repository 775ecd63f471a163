import { runTrace, type RunResult, type Trace } from '@aegis/client/chaos';
import { sharedMs, startObserver, type Demand, type Seen, type TruthLog } from '../truth/index.js';
import type { Place } from './house.js';

export const SCRAPE_MS = 1_000;
/** Clients are at work before the first scrape. */
export const WARM_UP_MS = 5_000;

/** All that is known of one run of a trace. Times are of the trace. */
export interface Run {
  readonly result: RunResult;
  readonly truth: TruthLog;
  /** By their ids, as in the scrapes. */
  readonly memberNames: ReadonlyMap<number, string>;
  readonly noise: Seen['noise'];
  readonly scrapes: Seen['scrapes'];
  readonly scrapeBeganMs: number;
}

/** Runs a trace, and looks on. */
export async function recordRun(trace: Trace, seed: number, place: Place, signal: AbortSignal): Promise<Run> {
  const { target, folder, stage, connect } = place;
  const originMs = sharedMs();
  const observer = startObserver({
    target,
    folder,
    originMs,
    scrapeFromMs: WARM_UP_MS,
    scrapeMs: SCRAPE_MS,
  });
  let result: RunResult;
  try {
    result = await runTrace(trace, stage, { seed, connect, signal });
  } catch (error) {
    await observer.stop();
    throw error;
  }
  const { truth, noise, scrapes, scrapeBeganMs } = await observer.stop();
  // A trace begins when it is known who leads; what was seen is told in its time.
  const laterMs = Date.parse(result.beganAt) - originMs;
  return {
    result,
    memberNames: new Map(target.members.map(({ id, name }) => [id, name])),
    scrapes,
    scrapeBeganMs: scrapeBeganMs - laterMs,
    noise: noise.map((sample) => ({ ...sample, atMs: sample.atMs - laterMs })),
    truth: {
      members: target.members.map(({ id }) => id),
      durationMs: trace.durationMs,
      statuses: truth.statuses.map((sample) => ({
        ...sample,
        sentMs: sample.sentMs - laterMs,
        endedMs: sample.endedMs - laterMs,
      })),
      disks: truth.disks.map((sample) => ({ ...sample, atMs: sample.atMs - laterMs })),
      calls: truth.calls.map((call) => ({ ...call, beganMs: call.beganMs - laterMs })),
      keepers: truth.keepers.map(({ via, lostMs }) => ({ via, lostMs: lostMs.map((ms) => ms - laterMs) })),
      demand: demandOf(trace),
      handoversMs: result.done
        .filter(({ kind, error }) => kind === 'transfer' && error === undefined)
        .map(({ atMs }) => atMs),
    },
  };
}

/** What the clients of a trace want, second by second: they know it themselves. */
export function demandOf({ load, durationMs }: Trace): Demand[] {
  return Array.from({ length: Math.ceil(durationMs / 1000) }, (_, second) => {
    const active = load.filter(
      ({ atMs, forMs }) => atMs < (second + 1) * 1000 && atMs + (forMs ?? Infinity) > second * 1000,
    );
    const sum = (of: (entry: (typeof load)[number]) => number): number =>
      active.reduce((total, entry) => total + of(entry), 0);
    return {
      second,
      clients: sum(({ clients }) => clients),
      bytes: sum((entry) =>
        'valueBytes' in entry && entry.kind !== 'gets' ? entry.clients * entry.valueBytes : 0,
      ),
    };
  });
}
