import { describe, expect, test } from '@jest/globals';
import { windowOf, type Recording, type Scrape, type Values, type Window } from '@aegis/agent/telemetry';
import type { Label } from '../labels/index.js';
import { earliest, firstOf, loudest, majority, ours, search, threeSigma, type Method } from './index.js';
import { tracksOf } from './subjects.js';

const NAMES = ['a', 'b', 'c'];
/** Three replicas over 60 s; `of` says what a replica tells in a second, beside what is steady. */
function windowWith(of: (second: number, replica: string) => Values): Window {
  const scrapes = Array.from({ length: 61 }, (_, second) =>
    NAMES.map((replica): Scrape => ({
      atMs: second * 1000,
      replica,
      // A little to and fro, so that there is a deviation.
      reading: {
        values: {
          aegis_is_leader: Number(replica === 'b'),
          aegis_proposals_pending: 4 + (second % 3),
          aegis_leases: 20 + (second % 2),
          ...of(second, replica),
        },
        links: {},
        unreadable: 0,
      },
    })),
  ).flat();
  const recording: Recording = { replicas: { a: 1, b: 2, c: 3 }, scrapeMs: 1000, scrapes };
  return windowOf(recording);
}
const steady = windowWith(() => ({}));
const full = windowWith((second, replica) =>
  replica === 'c' && second >= 40 ? { aegis_disk_full: 1 } : { aegis_disk_full: 0 },
);
const judge = (method: Method, window: Window) => method.judge(window, firstOf(method));

test('what is usual are the first samples: thirty, or a quarter of the window', () => {
  expect(new Set(tracksOf(steady).map(({ learned }) => learned))).toEqual(new Set([15]));
  const pending = tracksOf(steady).find(({ feature }) => feature === 'pending')!;
  expect(pending.mean).toBeCloseTo(5, 12);
  expect(pending.deviation).toBeCloseTo(Math.sqrt(10 / 14), 12);
});

describe.each([threeSigma, loudest, earliest])('$name', (method) => {
  test('nothing is wrong with what is as it was', () => {
    expect(judge(method, steady)).toEqual({ classes: [], causes: [], path: [] });
  });

  test('what changed is named, by the public table', () => {
    const { classes, causes } = judge(method, full);
    expect(classes).toEqual(['DiskStall']);
    expect(causes[0]).toMatchObject({ fault: 'disk-full', at: { replica: 'c' } });
  });

  test('what clients ask is at the clients', () => {
    const more = windowWith((second) => (second >= 40 ? { aegis_proposals_pending: 900 } : {}));
    expect(judge(method, more).causes[0]).toMatchObject({ fault: 'plain-load', at: 'clients' });
  });
});

test('three-sigma wants three in a row', () => {
  const once = windowWith((second, replica) => ({
    aegis_disk_full: replica === 'c' && (second === 40 || second === 41 || second === 50) ? 1 : 0,
  }));
  expect(judge(threeSigma, once).classes).toEqual([]);
});

test('the loudest is fooled by what is loud, the earliest by what is early', () => {
  const both = windowWith((second, replica) => ({
    aegis_disk_full: replica === 'c' && second >= 30 ? 1 : 0,
    ...(second >= 45 ? { aegis_proposals_pending: 90_000 } : {}),
  }));
  expect(judge(loudest, both).classes).toEqual(['Overload']);
  expect(judge(earliest, both).classes).toEqual(['DiskStall']);
});

const label = (classes: Label['classes'], fault: 'disk-slow' | 'plain-load'): Label => ({
  id: 'x',
  control: null,
  template: 't',
  seed: 1,
  heldOut: false,
  confounded: false,
  classes,
  cause: { fault, at: fault === 'plain-load' ? ['clients'] : [{ replica: 'a' }] },
  path: null,
  injectedMs: 0,
  endedMs: 1,
});

test('the majority says what was most often so', () => {
  const method = majority([
    label(['DiskStall'], 'disk-slow'),
    label(['Overload'], 'plain-load'),
    label(['DiskStall'], 'disk-slow'),
  ]);
  const { classes, causes } = judge(method, steady);
  expect(classes).toEqual(['DiskStall']);
  expect(causes).toEqual([{ fault: 'disk-slow', at: { replica: 'b' }, confidence: 2 / 3 }]);
  expect(judge(majority([]), steady).classes).toEqual([]);
});

test('the search takes the value under which most is right, and the first of several', () => {
  const method: Method = {
    name: 'x',
    about: '',
    grid: { wrong: [1, 2, 3], other: [7, 8] },
    judge: (_, { wrong }) => ({ classes: wrong === 1 ? [] : ['DiskStall'], causes: [], path: [] }),
  };
  expect(search(method, [{ label: label(['DiskStall'], 'disk-slow'), window: steady }])).toEqual({
    wrong: 2,
    other: 7,
  });
});

test('ours begins the search where its source stands', () => {
  const chosen = firstOf(ours);
  expect(judge(ours, full)).toEqual(ours.judge(full, {}));
  expect(Object.keys(chosen).length).toBeGreaterThan(5);
});
