import { expect, test } from '@jest/globals';
import type { Recording, Scrape } from '@aegis/agent/telemetry';
import type { Label } from '../labels/index.js';
import type { Method } from '../methods/index.js';
import { latencyOf, median } from './latency.js';
import { resampled, until } from './resample.js';

const scrape = (atMs: number, replica: string, max: number): Scrape => ({
  atMs,
  replica,
  reading: {
    values: {
      aegis_nodejs_eventloop_lag_max_seconds: max,
      aegis_nodejs_eventloop_lag_p99_seconds: max,
      aegis_commands_applied_total: atMs,
    },
    links: {},
    unreadable: 0,
  },
});
const recording: Recording = {
  replicas: { a: 1, b: 2 },
  scrapeMs: 1000,
  scrapes: Array.from({ length: 11 }, (_, second) => [
    scrape(second * 1000, 'a', second === 3 ? 1.5 : 0.02),
    scrape(second * 1000 + 3, 'b', 0.02),
  ]).flat(),
};

test('a fifth of the scrapes, with what stood longest in between', () => {
  const thin = resampled(recording, 5_000);
  expect(thin.scrapeMs).toBe(5_000);
  expect(thin.scrapes.map(({ atMs }) => atMs)).toEqual([0, 3, 5000, 5003, 10_000, 10_003]);
  const of = (at: number, metric: string): unknown => thin.scrapes[at]!.reading!.values[metric];
  expect(of(2, 'aegis_nodejs_eventloop_lag_max_seconds')).toBe(1.5);
  expect(of(2, 'aegis_nodejs_eventloop_lag_p99_seconds')).toBe(0.02);
  expect(of(2, 'aegis_commands_applied_total')).toBe(5000);
  expect(of(4, 'aegis_nodejs_eventloop_lag_max_seconds')).toBe(0.02);
});

test('one that was not answered is not made up', () => {
  const scrapes = recording.scrapes.map((each) =>
    each.atMs === 5000 ? { ...each, reading: undefined, missing: 'timeout' } : each,
  );
  const thin = resampled({ ...recording, scrapes }, 5_000);
  expect(thin.scrapes[2]).toEqual({ atMs: 5000, replica: 'a', reading: undefined, missing: 'timeout' });
});

test('rounds that came late are rounds', () => {
  const scrapes = recording.scrapes.map((each, at) => ({ ...each, atMs: each.atMs + (at % 5) * 60 }));
  expect(resampled({ ...recording, scrapes }, 5_000).scrapes).toHaveLength(6);
});

test('never more often than it was', () => {
  expect(resampled(recording, 500)).toBe(recording);
});

const label = { classes: ['DiskStall'], injectedMs: 3_500 } as unknown as Label;
/** Right once it has seen so many moments; before, wrong. */
const rightAfter = (moments: number): Method => ({
  name: 'x',
  about: '',
  grid: {},
  judge: ({ timesMs }) => ({
    classes: timesMs.length >= moments ? ['DiskStall'] : ['Overload'],
    causes: [],
    path: [],
  }),
});

test('how late a method is right', () => {
  expect(until(recording, 4_000).scrapes).toHaveLength(9);
  // The eighth moment is the one at 7 s.
  expect(latencyOf(rightAfter(8), {}, recording, label)).toBe(7_000 - 3_500);
  expect(latencyOf(rightAfter(1), {}, recording, label)).toBe(4_000 - 3_500);
  expect(latencyOf(rightAfter(99), {}, recording, label)).toBeNull();
  expect(latencyOf(rightAfter(1), {}, recording, { ...label, injectedMs: null })).toBeNull();
});

test('the middle one', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});
