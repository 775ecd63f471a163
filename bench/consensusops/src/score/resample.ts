import type { Reading, Recording, Scrape, Values } from '@aegis/agent/telemetry';

/**
 * A recording as if it had been scraped less often. Counters and what stands are as in the scrape that is kept. What a replica tells of
 * the time since the last scrape was taken in shorter pieces, and is put together: of the longest stands of a loop the longest, of
 * medians and percentiles the median, which is near to what they would have been.
 */
export function resampled(recording: Recording, everyMs: number): Recording {
  if (everyMs <= recording.scrapeMs) return recording;
  const began = recording.scrapes[0]?.atMs ?? 0;
  const kept: Scrape[] = [];
  const waiting = new Map<string, Reading[]>();
  const next = new Map<string, number>();
  for (const scrape of recording.scrapes) {
    const { replica, atMs, reading } = scrape;
    const since = waiting.get(replica) ?? [];
    waiting.set(replica, since);
    if (reading !== undefined) since.push(reading);
    // Rounds are a little late now and then: half a scrape is no other round.
    if (atMs + recording.scrapeMs / 2 < (next.get(replica) ?? began)) continue;
    next.set(replica, (next.get(replica) ?? began) + everyMs);
    kept.push(
      reading === undefined ? scrape : { ...scrape, reading: { ...reading, values: put(reading, since) } },
    );
    waiting.set(replica, []);
  }
  return { ...recording, scrapeMs: everyMs, scrapes: kept };
}

const LONGEST = ['aegis_nodejs_eventloop_lag_max_seconds'];
const MIDDLE = ['aegis_nodejs_eventloop_lag_p50_seconds', 'aegis_nodejs_eventloop_lag_p99_seconds'];

function put({ values }: Reading, since: readonly Reading[]): Values {
  const of = (metric: string): number[] =>
    since.map((each) => each.values[metric]).filter((value) => typeof value === 'number');
  const changed: Record<string, number> = {};
  for (const metric of LONGEST) {
    const told = of(metric);
    if (told.length > 0) changed[metric] = Math.max(...told);
  }
  for (const metric of MIDDLE) {
    const told = of(metric).sort((a, b) => a - b);
    if (told.length > 0) changed[metric] = told[Math.floor((told.length - 1) / 2)]!;
  }
  return { ...values, ...changed };
}

/** What had been scraped by then. */
export function until(recording: Recording, atMs: number): Recording {
  return { ...recording, scrapes: recording.scrapes.filter((scrape) => scrape.atMs <= atMs) };
}
