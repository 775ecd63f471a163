import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { classify } from '@aegis/agent/classify';
import { diagnose } from '@aegis/agent/diagnose';
import { readRecording, windowOf, type Recording } from '@aegis/agent/telemetry';

/** A process of its own, because the code of a test runs many times slower within jest. Takes the milliseconds between scrapes; prints one line of JSON. */
const MINUTES_15_MS = 15 * 60_000;
const EVERY_MS = Number(process.argv[2]);
const RUNS = 31;
/** An agent has looked many times before; the first looks of a process are slower, while its code is compiled. */
const BEFORE = 20;

/** A recorded minute of five replicas with a cascade in it, again and again for a quarter of an hour. */
function quarterOfAnHour(): Recording {
  const path = new URL('../../../agent/recordings/masked-slow-disk.jsonl.gz', import.meta.url);
  const one = readRecording(gunzipSync(readFileSync(path)).toString('utf8'), 'masked-slow-disk');
  const kept = one.scrapes.filter(({ atMs }) => Math.round(atMs / 1000) % (EVERY_MS / 1000) === 0);
  const lastsMs = Math.ceil(one.scrapes.at(-1)!.atMs / EVERY_MS) * EVERY_MS;
  const times = Math.ceil(MINUTES_15_MS / lastsMs);
  const scrapes = Array.from({ length: times }, (_, round) =>
    kept
      .filter(({ atMs }) => atMs < lastsMs - 500)
      .map((scrape) => ({ ...scrape, atMs: scrape.atMs + round * lastsMs })),
  ).flat();
  return { ...one, scrapeMs: EVERY_MS, scrapes };
}

const window = windowOf(quarterOfAnHour());
const look = () => diagnose(window, classify(window));
for (let time = 0; time < BEFORE; time++) look();
const took = Array.from({ length: RUNS }, () => {
  const began = performance.now();
  look();
  return performance.now() - began;
}).sort((a, b) => a - b);
const { fault, at } = look().causes[0]!;
const spanMs = window.timesMs.at(-1)! - window.timesMs[0]!;
process.stdout.write(
  JSON.stringify({
    replicas: window.replicas.length,
    spanMs,
    medianMs: took[RUNS >> 1]!,
    leastMs: took[0]!,
    mostMs: took.at(-1)!,
    fault,
    at,
  }),
);
