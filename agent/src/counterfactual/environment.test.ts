import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { cutOff, scripted, type Script } from '../testing/cluster.js';
import { EnvironmentError, environmentOf, ENVIRONMENT_MS_MAX } from './environment.js';

interface Entry {
  readonly kind: string;
  readonly on?: string;
  readonly from?: string;
  readonly to?: string;
  readonly at: string;
  readonly for?: string;
  readonly [more: string]: unknown;
}

function of(script: Script) {
  const { trace, ...rest } = environmentOf(scripted(script));
  const { faults, ...head } = parse(trace) as Record<string, unknown> & { faults: Entry[] };
  return { faults, head, ...rest };
}

const during = (second: number, from: number, to: number): boolean => second >= from && second < to;

test('of a cluster that is well: what is usual, who leads, what is asked for, and no fault', () => {
  const { faults, head, surroundings, missing, classes, scrapeMs } = of({});
  expect(faults).toEqual([]);
  expect(missing).toEqual([]);
  expect(surroundings).toEqual({ fsyncMs: 2, oneWayMs: 1 });
  expect({ classes, scrapeMs }).toEqual({ classes: [], scrapeMs: 1000 });
  expect(head).toMatchObject({
    duration: '60000ms',
    replicas: 5,
    roles: { m0: 'leader', m1: 'follower', m2: 'follower', m3: 'follower', m4: 'follower' },
  });
  expect(head['load']).toEqual([
    { kind: 'puts', clients: 8, perSecond: 100 },
    { kind: 'gets', clients: 8, perSecond: 400 },
  ]);
});

test('what is asked for is what got through while anything did', () => {
  const { head } = of({
    replica: (second) => (during(second, 5, 20) ? {} : { committed: 0, operations: 0 }),
  });
  expect(head['load']).toMatchObject([
    { kind: 'puts', perSecond: 100 },
    { kind: 'gets', perSecond: 400 },
  ]);
});

test('a slow disk is as slow as it was, for as long', () => {
  const { faults } = of({
    replica: (second, at) => (at === 2 && during(second, 20, 40) ? { sync: 0.05, syncs: 15 } : {}),
  });
  expect(faults).toEqual([{ kind: 'fsync', on: 'm2', slowMs: 48, at: '19000ms', for: '20000ms' }]);
});

test('a sync that returned late is a stall of that length', () => {
  const { faults } = of({ replica: (second, at) => (at === 0 && second === 30 ? { oneSync: 1.5 } : {}) });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatchObject({ kind: 'fsync', on: 'm0', stalled: true });
  expect(Number.parseInt(faults[0]!.for!)).toBeGreaterThan(1400);
  expect(Number.parseInt(faults[0]!.for!)).toBeLessThan(1600);
});

test('who stood still, who was silent and who ended are told apart', () => {
  const { faults } = of({
    replica: (second, at) => {
      if (at === 1 && second === 15) return { loopMax: 0.8 };
      if (at === 3 && during(second, 25, 31)) return { answers: false };
      if (at === 3 && second === 31) return { loopMax: 6 };
      if (at === 4 && during(second, 40, 42)) return { answers: false };
      return at === 4 && second >= 42 ? { started: 200 } : {};
    },
    link: (second, _, to) =>
      (to === 3 && during(second, 25, 31)) || (to === 4 && during(second, 40, 42)) ? { answered: 0 } : {},
  });
  expect(faults.map(({ kind, on }) => [kind, on])).toEqual([
    ['stall', 'm1'],
    ['pause', 'm3'],
    ['kill', 'm4'],
  ]);
  expect(faults[0]).toMatchObject({ ms: 800 });
  expect(faults[1]).toMatchObject({ at: '24500ms', for: '6500ms' });
  expect(faults[2]).toMatchObject({ at: '39000ms' });
});

test('a cut link, a slow one and one that loses are said of it; what all have is said once', () => {
  const pair = (from: number, to: number, one: number, other: number): boolean =>
    (from === one && to === other) || (from === other && to === one);
  const cut = of({
    replica: (second, at) => (at === 1 && during(second, 20, 30) ? cutOff(second, 19) : {}),
    link: (second, from, to) => (pair(from, to, 0, 1) && during(second, 20, 30) ? { answered: 0 } : {}),
  });
  expect(cut.faults).toEqual([
    { kind: 'link', from: 'm0', to: 'm1', both: true, cut: true, at: '19000ms', for: '10000ms' },
  ]);
  const slow = of({
    link: (second, from, to) => (pair(from, to, 2, 4) && during(second, 20, 40) ? { roundTrip: 0.102 } : {}),
  });
  expect(slow.faults).toEqual([
    {
      kind: 'link',
      from: 'm2',
      to: 'm4',
      both: true,
      delayMs: 50,
      jitterMs: 0,
      at: '19000ms',
      for: '20000ms',
    },
  ]);
  const all = of({
    link: (second) => (during(second, 20, 40) ? { roundTrip: second % 2 === 0 ? 0.1 : 0.3 } : {}),
  });
  expect(all.faults).toHaveLength(1);
  // Round trips of 100 or 300 ms: both ways together spread over what their deviation says.
  expect(all.faults[0]).toMatchObject({ from: 'all', to: 'all' });
  const { delayMs, jitterMs } = all.faults[0]! as unknown as { delayMs: number; jitterMs: number };
  expect(2 * delayMs + jitterMs).toBeGreaterThan(190);
  expect(2 * delayMs + jitterMs).toBeLessThan(205);
  expect(jitterMs).toBeGreaterThan(150);
  // The scrapes in which it begins and ends are half of it, and make no jitter.
  const edged = of({
    link: (second) => {
      if (!during(second, 20, 40)) return {};
      return { roundTrip: second === 20 || second === 39 ? 0.1 : 0.2 };
    },
  });
  expect(edged.faults).toMatchObject([{ from: 'all', to: 'all', delayMs: 99, jitterMs: 0, for: '20000ms' }]);
  const lossy = of({
    link: (second, from, to) => (pair(from, to, 0, 3) && second % 4 === 0 ? { answered: 0 } : {}),
  });
  expect(lossy.faults).toHaveLength(1);
  // A quarter of the round trips: 1 − √0.75 of each way.
  expect(lossy.faults[0]).toMatchObject({ kind: 'link', from: 'm0', to: 'm3' });
  expect(lossy.faults[0]!['lossPercent']).toBeGreaterThan(11);
  expect(lossy.faults[0]!['lossPercent']).toBeLessThan(16);
});

test('what hits whoever leads is said of the leader, what hits one replica of that one', () => {
  const leads = (second: number): number => Math.min(4, Math.floor(second / 10));
  const chain = of({
    replica: (second, at) => ({
      leads: at === leads(second),
      term: 3 + leads(second),
      // It ends at the end of its time, and another time a follower does.
      started: second >= 10 * (at + 1) && at < 4 ? 200 : at === 4 && second >= 15 ? 200 : 100,
    }),
  });
  expect(chain.faults.map(({ kind, on, at }) => [kind, on, at])).toEqual([
    ['kill', 'leader', '9000ms'],
    ['kill', 'm4', '14000ms'],
    ['kill', 'leader', '19000ms'],
    ['kill', 'leader', '29000ms'],
    ['kill', 'leader', '39000ms'],
  ]);
  // Of rare scrapes: who led at one and stood for most of the time until the next stood within it.
  const stalls = of({
    everySeconds: 5,
    replica: (second, at) => {
      const scrapes = Math.floor(second / 5);
      const stood = second % 5 === 0 && scrapes > 3 && scrapes < 9 && at === (scrapes - 1) % 5;
      return { leads: at === scrapes % 5, term: 3 + scrapes, ...(stood ? { loopMax: 3 } : {}) };
    },
  });
  expect(stalls.faults.map(({ kind, on, at }) => [kind, on, at])).toEqual(
    ['16000ms', '21000ms', '26000ms', '31000ms', '36000ms'].map((at) => ['stall', 'leader', at]),
  );
  const one = of({ replica: (second, at) => (at === 0 && second % 10 === 5 ? { loopMax: 1 } : {}) });
  expect(new Set(one.faults.map(({ on }) => on))).toEqual(new Set(['m0']));
});

test('answers that come only just before the next probe, and some after it, are late and not lost', () => {
  // Round trips between 0.5 and 1.5 s: every second one is not counted.
  const { faults } = of({
    link: (second, from, to) => {
      if (!during(second, 20, 50)) return {};
      return (second + from + to) % 2 === 0 ? { answered: 0 } : { roundTrip: 0.5 + (second % 10) / 20 };
    },
  });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatchObject({ from: 'all', to: 'all' });
  expect(Object.keys(faults[0]!)).not.toContain('lossPercent');
  const { delayMs, jitterMs } = faults[0]! as unknown as { delayMs: number; jitterMs: number };
  expect(2 * delayMs + jitterMs).toBeGreaterThan(900);
  expect(2 * delayMs + jitterMs).toBeLessThan(1_100);
});

test('what is wrong with one link at a time is said together, and again when all links become slow', () => {
  const { faults } = of({
    replica: (second, at) => (at === 1 && during(second, 20, 30) ? cutOff(second, 19) : {}),
    link: (second, from, to) => ({
      ...(from + to === 1 && during(second, 20, 30) ? { answered: 0 } : {}),
      ...(during(second, 26, 36) ? { roundTrip: 0.202 } : {}),
    }),
  });
  const all = { kind: 'link', from: 'all', to: 'all', delayMs: 100, jitterMs: 0 };
  const cut = { kind: 'link', from: 'm0', to: 'm1', both: true, cut: true };
  expect(faults).toEqual([
    { ...cut, at: '19000ms', for: '6000ms' },
    { ...all, at: '25000ms', for: '10000ms' },
    // It rules over what all have, because it comes after it.
    { ...cut, delayMs: 100, jitterMs: 0, at: '25000ms', for: '4000ms' },
  ]);
});

test('what a trace cannot say is said to be missing, and of a long recording the newest part is taken', () => {
  const { missing } = of({
    replica: (second, at) => (at === 1 && second > 20 ? { loopMedian: 0.04, loopP99: 0.08 } : {}),
  });
  expect(missing).toEqual(['turns of the event loop take long']);
  const { head, faults } = of({
    seconds: 300,
    replica: (second, at) => (at === 2 && during(second, 50, 60) ? { diskFull: true } : {}),
  });
  expect(head['duration']).toBe(`${ENVIRONMENT_MS_MAX}ms`);
  expect(faults).toEqual([]);
});

test('it says of which classes the incident is, and how bad it was', () => {
  const { classes, measured } = of({ replica: (second) => ({ term: 3 + Math.floor(second / 10) }) });
  expect(classes).toEqual(['ElectionStorm']);
  expect(measured.elections).toBe(6);
});

test('too little is refused, and the same recording gives the same environment', () => {
  expect(() => environmentOf(scripted({ seconds: 5 }))).toThrow(EnvironmentError);
  expect(() => environmentOf(scripted({ seconds: 5 }))).toThrow(
    'the recording has 5000 ms; at least 10000 ms',
  );
  expect(() => environmentOf({ replicas: {}, scrapeMs: 1000, scrapes: [] })).toThrow(EnvironmentError);
  const storm: Script = { replica: (second, at) => (second % 7 === at ? { loopMax: 1.1 } : {}) };
  expect(environmentOf(scripted(storm))).toEqual(environmentOf(scripted(storm)));
});
