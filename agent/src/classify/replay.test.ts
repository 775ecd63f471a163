import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { diagnose } from '../diagnose/index.js';
import { METRICS } from '../telemetry/metrics.js';
import {
  readRecording,
  windowOf,
  writeRecording,
  type Reading,
  type Recording,
  type Values,
} from '../telemetry/index.js';
import { cutOff, named, NAMES, scripted } from '../testing/cluster.js';
import { recorded } from '../testing/recorded.js';
import { classify } from './classify.js';
import { CLASS_NEEDS } from './unseen.js';
import { LINK_FEATURES, REPLICA_FEATURES } from '../telemetry/index.js';

const told = (recording: Recording): string => {
  const window = windowOf(recording);
  const seen = classify(window);
  return JSON.stringify({ seen, diagnosis: diagnose(window, seen) });
};

const everythingWrong = (): Recording =>
  scripted({
    replica: (second, at) => ({
      term: 3 + Math.floor(second / 12),
      ...(at === 2 && second > 20 ? { sync: 0.3, syncs: 3, behind: 2000 } : {}),
      ...(at === 0 && second > 30 ? { pending: 900, operations: 9000, expired: 5 } : {}),
    }),
    link: (second, from, to) => (second > 25 && (from === 4 || to === 4) ? { answered: 0 } : {}),
  });

test('the same file gives the same bytes, however often', () => {
  for (const recording of [recorded('masked-slow-disk'), recorded('deaf-follower'), everythingWrong()]) {
    const first = told(recording);
    expect(told(recording)).toBe(first);
    expect(told(readRecording(writeRecording(recording), 'again'))).toBe(first);
  }
});

test('no order of replicas makes a difference', () => {
  for (const recording of [recorded('masked-slow-disk'), everythingWrong()]) {
    const first = told(recording);
    const names = Object.keys(recording.replicas);
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (order) => {
        const replicas = Object.fromEntries(order.map((name) => [name, recording.replicas[name]!]));
        const place = new Map(order.map((name, at) => [name, at]));
        const scrapes = [...recording.scrapes].sort(
          (a, b) => a.atMs - b.atMs || place.get(a.replica)! - place.get(b.replica)!,
        );
        return told({ ...recording, replicas, scrapes }) === first;
      }),
      { numRuns: 8 },
    );
  }
});

test('times that are shifted shift only the times', () => {
  const shifted = (recording: Recording, byMs: number): Recording => ({
    ...recording,
    scrapes: recording.scrapes.map((scrape) => ({ ...scrape, atMs: scrape.atMs + byMs })),
  });
  const plain = classify(windowOf(everythingWrong()));
  const later = classify(windowOf(shifted(everythingWrong(), 86_400_000)));
  expect(later.classes.map((finding) => finding.class)).toEqual(
    plain.classes.map((finding) => finding.class),
  );
  expect(later.signals.map(({ onsetMs }) => onsetMs - 86_400_000)).toEqual(
    plain.signals.map(({ onsetMs }) => onsetMs),
  );
});

const METRIC_NAMES = Object.keys(METRICS);

/** Without some metrics: as if they had been renamed. */
function without(recording: Recording, metrics: ReadonlySet<string>): Recording {
  const kept = (values: Values): Values =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !metrics.has(name)));
  return {
    ...recording,
    scrapes: recording.scrapes.map((scrape) => {
      if (scrape.reading === undefined) return scrape;
      const links = Object.fromEntries(
        Object.entries(scrape.reading.links).map(([to, values]) => [to, kept(values)]),
      );
      return { ...scrape, reading: { ...scrape.reading, values: kept(scrape.reading.values), links } };
    }),
  };
}

test('no class rests on a metric that nobody told, and each one that is missing is said', () => {
  const recording = everythingWrong();
  const metricOf = (name: string): string =>
    ({ ...REPLICA_FEATURES, ...LINK_FEATURES })[name as keyof typeof REPLICA_FEATURES].metric;
  fc.assert(
    fc.property(fc.subarray(METRIC_NAMES), (missing) => {
      const gone = new Set(missing);
      const window = windowOf(without(recording, gone));
      const { classes, signals, unseen, verdict, hidden } = classify(window);
      for (const { feature } of signals) {
        if (feature === 'answered') continue;
        // What is behind is told by two metrics, of which one is enough.
        const metrics =
          feature === 'lag'
            ? [metricOf('lag'), metricOf('appliedIndex')]
            : feature === 'kvGrowth' || feature === 'operations'
              ? [metricOf(feature), metricOf('applied')]
              : [metricOf(feature)];
        expect(metrics.some((metric) => !gone.has(metric))).toBe(true);
      }
      for (const finding of classes)
        for (const group of CLASS_NEEDS[finding.class])
          expect(group.some((feature) => !gone.has(metricOf(feature)))).toBe(true);
      for (const metric of window.unknown)
        expect(unseen.some(({ text }) => text.includes(metric))).toBe(true);
      expect(verdict === 'none' && hidden.length > 0).toBe(false);
      diagnose(window, classify(window));
    }),
    { numRuns: 25 },
  );
});

const odd = fc.oneof(
  fc.constant(Number.NaN),
  fc.constant(-1),
  fc.constant(0),
  fc.double({ noNaN: true }),
  fc.constant(1e300),
);

test('whatever numbers there are, it never throws, and says the same twice', () => {
  const recording = scripted({ seconds: 20 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(104), fc.constantFrom(...METRIC_NAMES), odd), { maxLength: 40 }),
      (changes) => {
        const scrapes = recording.scrapes.map((scrape) => ({ ...scrape }));
        for (const [at, metric, value] of changes) {
          const scrape = scrapes[at % scrapes.length]!;
          if (scrape.reading === undefined) continue;
          const reading: Reading = {
            ...scrape.reading,
            values: { ...scrape.reading.values, [metric]: value },
          };
          scrapes[at % scrapes.length] = { ...scrape, reading };
        }
        return told({ ...recording, scrapes }) === told({ ...recording, scrapes });
      },
    ),
    { numRuns: 25 },
  );
});

const five = fc.nat(4);
/** What the cluster is like for a while. */
const phase = fc.record({
  leader: five,
  silent: fc.uniqueArray(five, { maxLength: 2 }),
  late: fc.uniqueArray(five, { maxLength: 2 }),
  /** Directions, as five times who asks and whom. */
  unanswered: fc.uniqueArray(fc.nat(24), { maxLength: 12 }),
});
const PHASE_SECONDS = 12;

test('whoever leads, is silent, late or unanswered from one while to the next, it never throws, and says the same twice', () => {
  fc.assert(
    fc.property(fc.array(phase, { minLength: 2, maxLength: 6 }), (phases) => {
      const at = (second: number) => Math.min(phases.length - 1, Math.floor(second / PHASE_SECONDS));
      const recording = scripted({
        seconds: phases.length * PHASE_SECONDS,
        replica: (second, replica) => {
          const { leader, silent, late } = phases[at(second)]!;
          return {
            term: 3 + at(second),
            leads: replica === leader,
            answers: !silent.includes(replica),
            ...(late.includes(replica) ? cutOff(second, at(second) * PHASE_SECONDS) : {}),
          };
        },
        link: (second, from, to) =>
          phases[at(second)]!.unanswered.includes(5 * from + to) ? { answered: 0 } : {},
      });
      return told(recording) === told(recording);
    }),
    { numRuns: 50 },
  );
});

test('scrapes that are missing at random never make a class of a cluster that is well', () => {
  const recording = scripted({});
  fc.assert(
    fc.property(fc.array(fc.nat(recording.scrapes.length - 1), { maxLength: 200 }), (missing) => {
      const gone = new Set(missing);
      const scrapes = recording.scrapes.map((scrape, at) =>
        gone.has(at) ? { ...scrape, reading: undefined } : scrape,
      );
      const { classes, verdict } = classify(windowOf({ ...recording, scrapes }));
      return classes.length === 0 && verdict !== 'incident';
    }),
    { numRuns: 25 },
  );
});

test('counters that fall without a new process begin at zero, and are no incident', () => {
  const recording = scripted({});
  const scrapes = recording.scrapes.map((scrape) => {
    if (scrape.replica !== named(1) || scrape.atMs < 30_000 || scrape.reading === undefined) return scrape;
    const values = Object.fromEntries(
      Object.entries(scrape.reading.values).map(([name, value]) => [
        name,
        typeof value === 'number' && METRICS[name]?.kind === 'counter' ? Math.max(0, value - 2000) : value,
      ]),
    );
    return { ...scrape, reading: { ...scrape.reading, values } };
  });
  expect(classify(windowOf({ ...recording, scrapes })).classes).toEqual([]);
});

test('clocks that disagree are seen, and are no class by themselves', () => {
  const recording = scripted({
    link: (second, _from, to) => (second > 20 && to === 1 ? { clockOffset: 5 } : {}),
  });
  const { classes, signals } = classify(windowOf(recording));
  expect(classes).toEqual([]);
  expect(signals.map(({ kind, at }) => ({ kind, at }))).toEqual([
    { kind: 'clock-off', at: { replica: named(1) } },
  ]);
});

test('one replica that never answered is said; the others are judged', () => {
  const recording = scripted({
    replica: (second, at) =>
      at === 4 ? { answers: false } : at === 2 && second > 20 ? { sync: 0.3, syncs: 3 } : {},
  });
  const { classes, unseen } = classify(windowOf(recording));
  expect(classes.map((finding) => finding.class)).toEqual(['DiskStall']);
  expect(unseen).toContainEqual(
    expect.objectContaining({ what: 'replica', text: `${NAMES[4]} never answered` }),
  );
});

test('half a page is said', () => {
  const half = new Set(['aegis_raft_term', 'aegis_leases']);
  const whole = scripted({});
  const cut = without(whole, half);
  const scrapes = whole.scrapes.map((scrape, at) =>
    scrape.replica === named(0) && scrape.atMs > 30_000 ? cut.scrapes[at]! : scrape,
  );
  const { unseen, verdict } = classify(windowOf({ ...whole, scrapes }));
  expect(verdict).toBe('none');
  expect(unseen.find(({ what, text }) => what === 'moments' && text.startsWith(named(0)))?.text).toContain(
    'term, leases',
  );
});
