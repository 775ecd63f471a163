import { setTimeout as sleep } from 'node:timers/promises';

import type { ActiveAlert, PrometheusServer } from '../prometheus/server.js';

/** From alerts of an earlier fault to none. */
const SILENT_MS_MAX = 90_000;
/** After the end of a fault: leases expire, a scrape and an evaluation follow. */
const AFTER_MS = 20_000;
const LOOK_EVERY_MS = 500;

/** What one alert did. */
export type Outcome =
  /** @param afterMs from the beginning of the fault */
  { readonly kind: 'fired'; readonly afterMs: number } | { readonly kind: 'not'; readonly why: string };

export interface Fault {
  /** The alerts that have to fire. */
  readonly alerts: readonly string[];
  /** Of the cluster that the fault is done to; alerts of other clusters do not count. */
  readonly cluster: string | undefined;
  /** Does it until it is over, or enough was seen; undoes it then. */
  readonly act: (seen: AbortSignal) => Promise<void>;
}

/** Waits until the alerts are silent, does the fault, and says which of them fired. Throws nothing. */
export async function runEpisode(
  server: Pick<PrometheusServer, 'alerts'>,
  fault: Fault,
  bounds = { silentMs: SILENT_MS_MAX, afterMs: AFTER_MS, lookEveryMs: LOOK_EVERY_MS },
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const left = (): string[] => fault.alerts.filter((name) => !outcomes.has(name));
  const giveUp = (why: string): ReadonlyMap<string, Outcome> => {
    for (const name of left()) outcomes.set(name, { kind: 'not', why });
    return outcomes;
  };
  try {
    const loud = await whileLoud(server, fault, bounds);
    if (loud.length > 0) return giveUp(`${loud.join(', ')} did not end before it`);
    const beganMs = performance.now();
    const act = begin(fault);
    try {
      for (let endMs = Infinity; left().length > 0 && performance.now() < endMs;) {
        await sleep(bounds.lookEveryMs);
        const active = own(await server.alerts(), fault);
        const afterMs = performance.now() - beganMs;
        for (const { labels, state } of active)
          if (state === 'firing' && !outcomes.has(labels['alertname']!))
            outcomes.set(labels['alertname']!, { kind: 'fired', afterMs });
        if (act.over() && endMs === Infinity) endMs = performance.now() + bounds.afterMs;
      }
    } finally {
      await act.end();
    }
    return giveUp('it did not fire');
  } catch (error) {
    return giveUp(error instanceof Error ? error.message : String(error));
  }
}

/** The alerts of this fault that fire or wait, once there are none or the time is over. */
async function whileLoud(
  server: Pick<PrometheusServer, 'alerts'>,
  fault: Fault,
  { silentMs, lookEveryMs }: { readonly silentMs: number; readonly lookEveryMs: number },
): Promise<readonly string[]> {
  const endMs = performance.now() + silentMs;
  for (;;) {
    const loud = own(await server.alerts(), fault).map(({ labels }) => labels['alertname']!);
    if (loud.length === 0 || performance.now() > endMs) return [...new Set(loud)];
    await sleep(lookEveryMs);
  }
}

/** The fault at work. Its failure comes out at its end. */
function begin({ act }: Fault) {
  const seen = new AbortController();
  let over = false;
  const work = act(seen.signal).finally(() => (over = true));
  work.catch(() => undefined);
  return {
    over: (): boolean => over,
    end: async (): Promise<void> => {
      seen.abort();
      await work;
    },
  };
}

function own(active: readonly ActiveAlert[], { alerts, cluster }: Fault): readonly ActiveAlert[] {
  return active.filter(
    ({ labels }) =>
      alerts.includes(labels['alertname'] ?? '') &&
      (labels['cluster'] === undefined || labels['cluster'] === cluster),
  );
}
