import { expect, test } from '@jest/globals';
import type { Reading, Values } from './reading.js';
import type { Recording, Scrape } from './recording.js';
import { windowOf } from './window.js';

const reading = (values: Values, links: Record<string, Values> = {}): Reading => ({
  values,
  links,
  unreadable: 0,
});
const applied = (count: number, started = 100): Reading =>
  reading({ aegis_commands_applied_total: count, aegis_process_start_time_seconds: started });

function recording(scrapes: readonly [number, string, Reading | undefined][]): Recording {
  return {
    replicas: { a: 1, b: 2 },
    scrapeMs: 1000,
    scrapes: scrapes.map(([atMs, replica, each]): Scrape => ({ atMs, replica, reading: each })),
  };
}

test('a counter is a rate over gaps and restarts, and a silent replica is not told', () => {
  const window = windowOf(
    recording([
      [0, 'a', applied(10)],
      [1000, 'a', applied(30)],
      [2000, 'a', undefined],
      [3000, 'a', applied(70)],
      [4000, 'a', applied(5, 104)],
    ]),
  );
  expect(window.timesMs).toEqual([0, 1000, 2000, 3000, 4000]);
  const [a, b] = window.replicas;
  expect([...a!.features.applied]).toEqual([Number.NaN, 20, Number.NaN, 20, 5]);
  expect([...a!.features.restarted]).toEqual([Number.NaN, 0, Number.NaN, 0, 1]);
  expect(a!.answered).toEqual([true, true, false, true, true]);
  expect(b!.answered).toEqual([false, false, false, false, false]);
  expect([...b!.features.applied].every(Number.isNaN)).toBe(true);
});

test('replicas that were asked a little apart belong to one moment, in whatever order', () => {
  const one: [number, string, Reading][] = [
    [0, 'b', applied(1)],
    [20, 'a', applied(2)],
    [1000, 'a', applied(4)],
    [1490, 'b', applied(5)],
  ];
  const other: [number, string, Reading][] = [
    [0, 'a', applied(2)],
    [20, 'b', applied(1)],
    [1000, 'a', applied(4)],
    [1490, 'b', applied(5)],
  ];
  const [first, second] = [windowOf(recording(one)), windowOf(recording(other))];
  expect(first.timesMs).toEqual([0, 1000]);
  expect(first.replicas.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(JSON.stringify(second)).toBe(JSON.stringify(first));
});

test('links are told by the names of the replicas; strangers are passed over', () => {
  const lag = (entries: number): Values => ({ aegis_follower_lag_entries: entries });
  const { replicas } = windowOf(recording([[0, 'a', reading({}, { '2': lag(7), '9': lag(1) })]]));
  expect(Object.keys(replicas[0]!.links)).toEqual(['b']);
  expect([...replicas[0]!.links['b']!.lag]).toEqual([7]);
  expect([...replicas[1]!.links['a']!.lag]).toEqual([Number.NaN]);
});

test('metrics that nobody told are said', () => {
  const { unknown } = windowOf(recording([[0, 'a', applied(1)]]));
  expect(unknown).toContain('aegis_is_leader');
  expect(unknown).not.toContain('aegis_commands_applied_total');
});
