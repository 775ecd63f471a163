import { expect, test } from '@jest/globals';
import { Random } from '@aegis/replica/sim';
import { readRecording, windowOf, writeRecording, type Scrape } from '@aegis/agent/telemetry';
import { blind, withGaps } from './blind.js';

const MEMBERS = [1, 2, 3].map((id) => ({ id, name: `aegis-${id}` }));
const STARTED = 1_800_000_000.25;

const scrapes: Scrape[] = Array.from({ length: 40 }, (_, round) =>
  MEMBERS.map(({ id, name }) => ({
    atMs: round * 1000,
    replica: name,
    reading: {
      values: { aegis_raft_term: id * 10, aegis_process_start_time_seconds: STARTED + id },
      links: Object.fromEntries(
        MEMBERS.filter((other) => other.id !== id).map((other) => [
          String(other.id),
          { aegis_follower_lag_entries: id * 100 + other.id },
        ]),
      ),
      unreadable: 0,
    },
  })),
).flat();

test('nothing in it tells which member was which, or when it was; what each told of whom is kept', () => {
  const { recording, names } = blind(scrapes, MEMBERS, 1000, new Random(4));
  const text = writeRecording(recording);
  expect(text).not.toContain('aegis-1');
  expect(text).not.toContain(String(STARTED + 1));
  expect(readRecording(text, 'test')).toEqual(recording);
  const window = windowOf(recording);
  expect(window.timesMs).toHaveLength(40);
  for (const from of MEMBERS) {
    const seen = window.replicas.find(({ name }) => name === names.get(from.id))!;
    expect(seen.features.term[0]).toBe(from.id * 10);
    for (const to of MEMBERS)
      if (to.id !== from.id) expect(seen.links[names.get(to.id)!]!.lag[0]).toBe(from.id * 100 + to.id);
  }
});

test('another draw gives other names, ids and times', () => {
  const drawn = Array.from({ length: 12 }, (_, seed) => blind(scrapes, MEMBERS, 1000, new Random(seed)));
  const of = (read: (each: (typeof drawn)[number]) => unknown): number =>
    new Set(drawn.map((each) => JSON.stringify(read(each)))).size;
  expect(of(({ names }) => [...names.values()])).toBe(12);
  expect(of(({ recording }) => Object.values(recording.replicas))).toBeGreaterThan(2);
  expect(
    of(({ recording }) => recording.scrapes[0]!.reading!.values['aegis_process_start_time_seconds']),
  ).toBe(12);
});

test('a control whose scrapes are missed has gaps of single replicas and one of all', () => {
  const { recording } = blind(scrapes, MEMBERS, 1000, new Random(4));
  const { scrapes: left } = withGaps(recording, new Random(5));
  expect(left).toHaveLength(scrapes.length);
  const missed = new Map<number, number>();
  for (const { atMs, reading } of left)
    if (reading === undefined) missed.set(atMs, (missed.get(atMs) ?? 0) + 1);
  expect([...missed.values()]).toContain(3);
  expect([...missed.values()].some((count) => count < 3)).toBe(true);
  expect(missed.size).toBeLessThan(20);
});
