import { expect, test } from '@jest/globals';
import { Random } from '@aegis/replica/sim';
import { readTrace, timelineOf, type Trace } from '@aegis/client/chaos';
import { Draw } from './draw.js';
import { fit } from './fit.js';
import { eventsOf, faultKindOf, isConfounded, rootOf, withoutRoot } from './root.js';
import { heldOutNames, templates } from './templates.js';

const all = templates();
const HEAD = 'name: a\nabout: a\nduration: 60s\nload: [{ kind: mix, clients: 4, perSecond: 40 }]\n';

function trace(rest: string): Trace {
  return readTrace(HEAD + rest, 'test');
}

test('a seed stands for the same cases, another for others; every template comes before one comes again', () => {
  const names = (seed: number, count: number): string[] => {
    const draw = new Draw(seed, all);
    return Array.from({ length: count }, () => JSON.stringify(draw.incident()));
  };
  expect(names(3, 5)).toEqual(names(3, 5));
  expect(names(3, 5)).not.toEqual(names(4, 5));
  const draw = new Draw(9, all);
  const round = all.incidents.map(() => draw.incident().template);
  expect(new Set(round).size).toBe(all.incidents.length);
});

test('of every template there are six held out, the controls, and a cause in the words of a diagnosis', () => {
  expect(heldOutNames()).toHaveLength(6);
  expect(
    all.incidents
      .filter(({ heldOut }) => heldOut)
      .map(({ trace: { name } }) => name)
      .sort(),
  ).toEqual([...heldOutNames()].sort());
  expect(new Set(all.controls.map(({ control }) => control)).size).toBe(5);
  for (const { trace: each } of all.incidents) expect(faultKindOf(rootOf(each)[0]!)).toBeDefined();
  expect(all.incidents.filter(({ trace: each }) => isConfounded(each)).length).toBeGreaterThanOrEqual(10);
});

test('every case leaves thirty scrapes before its onset, ends within two minutes, and all in it is over before', () => {
  for (const { trace: template } of [...all.incidents, ...all.controls])
    for (let seed = 0; seed < 20; seed++) {
      const fitted = fit(template, new Random(seed));
      expect(fitted.durationMs).toBeLessThanOrEqual(120_000);
      const events = eventsOf(fitted);
      // The first scrape is five seconds after the beginning.
      if (events.length > 0) expect(events[0]!.atMs).toBeGreaterThanOrEqual(35_000);
      const actions = timelineOf(fitted);
      const begins = actions.filter(({ what }) => what === 'begin').length;
      expect(Math.max(0, ...actions.map(({ atMs }) => atMs))).toBeLessThan(fitted.durationMs - 5_000);
      // What lasts is undone in time, and not by the end of the trace.
      const lasting = fitted.faults.filter(
        ({ kind }) => !['kill', 'stall', 'jump', 'transfer'].includes(kind),
      );
      expect(actions.length - begins).toBe(lasting.length);
      expect(eventsOf(fitted).map(({ entry }) => entry.kind)[0]).toBe(eventsOf(template)[0]?.entry.kind);
    }
});

test('what comes again is written out with its rhythm, and is one cause', () => {
  const fitted = fit(
    trace('faults: [{ kind: stall, on: leader, at: 15s, every: 5s, ms: 900 }]'),
    new Random(1),
  );
  const times = fitted.faults.map(({ atMs }) => atMs);
  expect(times.length).toBeGreaterThan(2);
  expect(times[1]! - times[0]!).toBe(5_000);
  expect(rootOf(fitted)).toHaveLength(times.length);
  expect(isConfounded(fitted)).toBe(false);
});

test('the cause is what happens first, with all of its kind that begins then; handovers are none', () => {
  const several = trace(
    'roles: { one: follower, two: follower }\n' +
      'faults: [{ kind: transfer, to: one, at: 10s }, { kind: fsync, on: one, at: 15s, for: 9s, slowMs: 80 }, ' +
      '{ kind: fsync, on: two, at: 15s, for: 9s, slowMs: 80 }, { kind: kill, on: leader, at: 20s }]',
  );
  expect(rootOf(several).map(({ entry }) => entry.kind)).toEqual(['fsync', 'fsync']);
  expect(isConfounded(several)).toBe(true);
  expect(withoutRoot(several).faults.map(({ kind }) => kind)).toEqual(['transfer', 'kill']);
  const herd = readTrace(
    'name: a\nabout: a\nduration: 60s\nload: [{ kind: mix, clients: 4 }, { kind: leases, clients: 9, ttl: 5s, at: 9s }]\nfaults: [{ kind: kill, on: leader, at: 20s }]',
    'test',
  );
  expect(faultKindOf(rootOf(herd)[0]!)).toBe('lease-herd');
  expect(withoutRoot(herd).load).toHaveLength(1);
});

test.each([
  ['{ kind: link, from: all, to: all, at: 9s, delayMs: 5, bytesPerSecond: 9 }', 'link-slow'],
  ['{ kind: link, from: all, to: all, at: 9s, bytesPerSecond: 9 }', 'link-narrow'],
  ['{ kind: link, from: all, to: all, at: 9s, lossPercent: 9 }', 'link-lossy'],
  ['{ kind: link, from: all, to: all, at: 9s, cut: true }', 'link-cut'],
  ['{ kind: fsync, on: leader, at: 9s, stalled: true }', 'disk-stalled'],
  ['{ kind: jump, on: leader, at: 9s, ms: 5 }', 'clock-off'],
])('%s is %s', (fault, kind) => {
  expect(faultKindOf(rootOf(trace(`faults: [${fault}]`))[0]!)).toBe(kind);
});
