import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { classify } from '../classify/index.js';
import { windowOf, type Recording } from '../telemetry/index.js';
import { cutOff, named, scripted, type Facts, type LinkFacts, type Script } from '../testing/cluster.js';
import { recorded } from '../testing/recorded.js';
import { diagnose, type Diagnosis } from './diagnose.js';

const of = (recording: Recording): Diagnosis => {
  const window = windowOf(recording);
  return diagnose(window, classify(window));
};
const first = (script: Script): { fault?: string; at?: unknown } => {
  const [cause] = of(scripted({ seconds: 80, ...script })).causes;
  return cause === undefined ? {} : { fault: cause.fault, at: cause.at };
};
const bad = (second: number): boolean => second > 20 && second <= 60;
const victim =
  (who: number, facts: Partial<Facts>) =>
  (second: number, at: number): Partial<Facts> =>
    at === who && bad(second) ? facts : {};
const linksOf =
  (who: number, facts: Partial<LinkFacts>) =>
  (second: number, from: number, to: number): Partial<LinkFacts> =>
    bad(second) && (from === who || to === who) ? facts : {};
const storm = (second: number): Partial<Facts> => ({
  term: 3 + Math.max(0, Math.floor((Math.min(second, 60) - 24) / 5)),
});
/** A storm of elections, and something else about one replica. */
const stormWith =
  (who: number, facts: Partial<Facts>) =>
  (second: number, at: number): Partial<Facts> => ({ ...storm(second), ...victim(who, facts)(second, at) });

/** Between 0 and 1, by a hash: as good as drawn, and always the same. */
function chance(...numbers: readonly number[]): number {
  const hash = createHash('sha256').update(numbers.join());
  return hash.digest().readUInt32BE(0) / 2 ** 32;
}

describe('the replica at fault', () => {
  test('a slow disk', () => {
    expect(first({ replica: victim(2, { sync: 0.12, syncs: 8 }) })).toEqual({
      fault: 'disk-slow',
      at: { replica: named(2) },
    });
  });

  test('a disk that stalls', () => {
    const replica = (second: number, at: number): Partial<Facts> =>
      at === 0 && bad(second) && second % 6 === 0 ? { oneSync: 1.6 } : {};
    expect(first({ replica })).toEqual({ fault: 'disk-stalled', at: { replica: named(0) } });
  });

  test('a full disk', () => {
    expect(first({ replica: victim(3, { diskFull: true }) })).toEqual({
      fault: 'disk-full',
      at: { replica: named(3) },
    });
  });

  test('a starved processor', () => {
    expect(first({ replica: stormWith(0, { loopMedian: 0.02, loopP99: 0.1, cpu: 0.05 }) })).toEqual({
      fault: 'cpu-starved',
      at: { replica: named(0) },
    });
  });

  test('garbage', () => {
    expect(first({ replica: stormWith(0, { garbage: 0.4, loopMedian: 0.02, loopP99: 0.3 }) })).toEqual({
      fault: 'gc-pressure',
      at: { replica: named(0) },
    });
  });

  test('a loop that stands still, and a process that does', () => {
    const still =
      (seconds: number) =>
      (second: number, at: number): Partial<Facts> => ({
        ...storm(second),
        ...(at === 0 && bad(second) && second % 8 === 0 ? { loopMax: seconds } : {}),
      });
    expect(first({ replica: still(1.3) })).toEqual({ fault: 'loop-stalled', at: { replica: named(0) } });
    expect(first({ replica: still(6) })).toEqual({ fault: 'paused', at: { replica: named(0) } });
  });

  test('loops that stand longer than a scrape waits, so that no scrape tells of it', () => {
    const still = (second: number): boolean => bad(second) && second % 8 < 2;
    const stall: Script = {
      replica: (second, at) => ({ ...storm(second), answers: !(at === 3 && still(second)) }),
      link: (second, from, to) => (still(second) && (from === 3 || to === 3) ? { answered: 0 } : {}),
    };
    expect(first(stall)).toEqual({ fault: 'loop-stalled', at: { replica: named(3) } });
  });

  test.each([
    ['cpu-starved', { loopMedian: 0.3, loopP99: 0.5, cpu: 0.02 }],
    ['paused', {}],
  ] as const)('a process that stood and goes on: %s', (fault, after) => {
    const still = (second: number): boolean => second >= 20 && second < 25;
    const replica = (second: number, at: number): Partial<Facts> => ({
      ...storm(second),
      answers: !(at === 3 && still(second)),
      ...(at === 3 && bad(second) ? after : {}),
    });
    const link = (second: number, from: number, to: number): Partial<LinkFacts> =>
      still(second) && (from === 3 || to === 3) ? { answered: 0 } : {};
    expect(first({ replica, link })).toEqual({ fault, at: { replica: named(3) } });
  });

  test('leaders that die', () => {
    const replica = (second: number, at: number): Partial<Facts> => ({
      ...storm(second),
      started: 100 + (at === 1 && second > 23 ? 30 : 0),
    });
    expect(first({ replica })).toEqual({ fault: 'killed', at: { replica: named(1) } });
  });

  test('leaders that die, and clients that come back after each', () => {
    const diedAt = (who: number): number => (who < 3 ? 20 + 12 * who : Infinity);
    const died = (second: number): number => Math.min(3, Math.max(0, Math.floor((second - 21) / 12) + 1));
    const replica = (second: number, at: number): Partial<Facts> => ({
      term: 3 + died(second),
      leads: at === died(second),
      answers: second < diedAt(at) || second >= diedAt(at) + 2,
      started: second < diedAt(at) + 2 ? 100 : 200 + diedAt(at),
      streamsOpened: second >= 20 && at !== 0 ? 200 : 0,
    });
    const { causes } = of(scripted({ seconds: 80, replica }));
    expect(causes.map(({ fault }) => fault)).toContain('connection-herd');
    expect(causes[0]).toMatchObject({ fault: 'killed', at: { replica: named(0) } });
  });

  // As pods do that are deleted: their links are cut first, then they die; seconds until others start, and until these are found.
  test('leaders that are cut off, die, and are back after long at another address', () => {
    const diedAt = (who: number): number => (who < 3 ? 20 + 12 * who : Infinity);
    const away = (second: number, who: number, since: number, until: number): boolean =>
      second >= diedAt(who) + since && second < diedAt(who) + until;
    const died = (second: number): number => Math.min(3, Math.max(0, Math.floor((second - 21) / 12) + 1));
    const replica = (second: number, at: number): Partial<Facts> => ({
      term: 3 + died(second),
      leads: at === died(second),
      answers: !away(second, at, 4, 9),
      started: second < diedAt(at) + 9 ? 100 : 200 + diedAt(at),
      hasLeader: !away(second, at, 0, 11),
    });
    const link = (second: number, from: number, to: number): Partial<LinkFacts> =>
      away(second, from, 0, 11) || away(second, to, 0, 11) ? { answered: 0 } : {};
    expect(first({ replica, link })).toEqual({ fault: 'killed', at: { replica: named(0) } });
  });
});

describe('links', () => {
  test('all of one replica', () => {
    const replica = (second: number, at: number): Partial<Facts> =>
      at === 3 && bad(second) ? cutOff(second, 20) : {};
    expect(first({ replica, link: linksOf(3, { answered: 0 }) })).toEqual({
      fault: 'link-cut',
      at: { replica: named(3) },
    });
  });

  test('all there are', () => {
    const cut: Script = {
      link: (second) => (bad(second) ? { answered: 0 } : {}),
      replica: (second, at) =>
        bad(second) ? { hasLeader: false, leads: false, committed: 0 } : { leads: at === 0 },
    };
    expect(first(cut)).toEqual({ fault: 'link-cut', at: 'network' });
  });

  test('slow ones under a storm', () => {
    const slow: Script = { replica: storm, link: (second) => (bad(second) ? { roundTrip: 0.4 } : {}) };
    expect(first(slow)).toEqual({ fault: 'link-slow', at: 'network' });
  });

  test('so slow that answers come after the next probe is late, and not cut', () => {
    const late: Script = {
      replica: storm,
      link: (second) => (!bad(second) ? {} : second % 4 === 0 ? { roundTrip: 0.9 } : { answered: 0 }),
    };
    expect(first(late)).toEqual({ fault: 'link-slow', at: 'network' });
  });

  test('later than every probe, and what the leader knows of its followers keeps up', () => {
    const late: Script = { replica: storm, link: (second) => (bad(second) ? { answered: 0 } : {}) };
    expect(first(late)).toEqual({ fault: 'link-slow', at: 'network' });
  });

  test('so narrow that a follower hears of its leader now and then', () => {
    const narrow: Script = {
      replica: (second, at) =>
        at === 3 && bad(second) ? { ...cutOff(second, 20), hasLeader: second % 12 !== 0 } : {},
      link: (second, from, to) =>
        bad(second) && ((from === 0 && to === 3) || (from === 3 && to === 0)) ? { answered: 0 } : {},
    };
    expect(first(narrow)).toEqual({ fault: 'link-narrow', at: { replica: named(3) } });
  });

  test('one of which three in a row are lost is cut, unless others lose as well', () => {
    const lost = (share: number): Script => ({
      replica: stormWith(4, {}),
      link: (second, from, to) =>
        bad(second) &&
        (chance(second, from, to) < share || (from + to === 3 && from * to === 2 && second % 20 < 3))
          ? { answered: 0 }
          : {},
    });
    expect(first(lost(0.25))).toEqual({ fault: 'link-lossy', at: 'network' });
    expect(first(lost(0))).toEqual({ fault: 'link-cut', at: { from: named(1), to: named(2) } });
  });

  test('one between two', () => {
    const one: Script = {
      replica: stormWith(4, {}),
      link: (second, from, to) =>
        bad(second) && Math.min(from, to) === 0 && Math.max(from, to) === 2 ? { roundTrip: 0.4 } : {},
    };
    expect(first(one)).toEqual({ fault: 'link-slow', at: { from: named(0), to: named(2) } });
  });

  test('losses by chance, of all', () => {
    const lossy: Script = {
      replica: storm,
      link: (second, from, to) => ({
        answered: bad(second) && chance(second, from, to) < 0.2 ? 0 : 1,
      }),
    };
    expect(first(lossy)).toEqual({ fault: 'link-lossy', at: 'network' });
  });

  test('losses by chance, of one replica', () => {
    const lossy: Script = {
      replica: storm,
      link: (second, from, to) => ({
        answered: (from === 2 || to === 2) && bad(second) && chance(second, from, to) < 0.3 ? 0 : 1,
      }),
    };
    expect(first(lossy)).toEqual({ fault: 'link-lossy', at: { replica: named(2) } });
  });

  test('links that are cut again and again', () => {
    const flapping: Script = { replica: storm, link: linksOfTimes(1) };
    expect(first(flapping)).toEqual({ fault: 'link-cut', at: { replica: named(1) } });
  });
});

const linksOfTimes =
  (who: number) =>
  (second: number, from: number, to: number): Partial<LinkFacts> =>
    bad(second) && second % 3 === 0 && (from === who || to === who) ? { answered: 0 } : {};

describe('what clients ask', () => {
  const asked = (facts: Partial<Facts>): Script => ({
    replica: victim(0, { operations: 9000, pending: 900, ...facts }),
  });
  test.each([
    ['plain-load', {}],
    ['connection-herd', { streamsOpened: 300 }],
    ['lease-herd', { leases: 9000 }],
    ['watch-fan-out', { watches: 2000 }],
    ['hot-lock', { lockQueue: 400 }],
  ] as const)('%s', (fault, facts) => {
    expect(first(asked(facts))).toEqual({ fault, at: 'clients' });
  });

  test('huge values', () => {
    const replica = (second: number, at: number): Partial<Facts> => ({
      ...(at === 0 && bad(second) ? { pending: 900 } : {}),
      kvBytes: 1_000_000 + Math.max(0, Math.min(second, 60) - 20) * 5_000_000,
    });
    expect(first({ replica })).toEqual({ fault: 'huge-values', at: 'clients' });
  });

  test('load makes loops and links late on all, and is what is named', () => {
    const all: Script = {
      replica: (second, at) =>
        bad(second)
          ? {
              sync: 0.03,
              loopMedian: 0.02,
              loopP99: 0.04,
              ...(at === 0 ? { operations: 9000, pending: 900 } : {}),
            }
          : {},
      link: (second) => (bad(second) ? { roundTrip: 0.09 } : {}),
    };
    expect(first(all)).toEqual({ fault: 'plain-load', at: 'clients' });
  });
});

describe('settings', () => {
  test('elections sooner than the network allows', () => {
    const hasty: Script = {
      replica: (second) => ({ ...storm(second), electionTimeout: 0.15 }),
      link: (second) => (bad(second) ? { roundTrip: 0.2 } : {}),
    };
    expect(first(hasty)).toEqual({ fault: 'hasty-settings', at: 'settings' });
  });

  test('a log that holds too little for one that comes back', () => {
    const replica = (second: number, at: number): Partial<Facts> => ({
      firstIndex: 900 + second * 100,
      ...(at === 2 && bad(second) ? { behind: 400, snapshots: second % 8 === 0 ? 1 : 0 } : {}),
    });
    expect(first({ replica })).toEqual({ fault: 'short-log', at: 'settings' });
  });
});

test('the masked disk-bound follower: the disk is named, not the stalls and elections that are loud', () => {
  const { causes, path, verdict } = of(recorded('masked-slow-disk'));
  expect(verdict).toBe('cause');
  expect(causes[0]).toMatchObject({ fault: 'disk-slow', at: { replica: 'aegis-5' } });
  expect(causes.map(({ fault }) => fault)).toContain('loop-stalled');
  expect(path).toContainEqual({ effect: 'DiskStall', at: { replica: 'aegis-5' } });
});

test('a storm that a slow disk began is the disk, however loud the storm', () => {
  const replica = (second: number, at: number): Partial<Facts> => ({
    ...storm(second),
    term: 3 + Math.max(0, second - 24) * 3,
    hasLeader: second < 24 || second % 2 === 0,
    ...victim(2, { sync: 0.2, syncs: 5 })(second, at),
    ...(at === 2 && bad(second) && second % 5 === 0 ? { loopMax: 1.5 } : {}),
  });
  const { causes, path } = of(scripted({ seconds: 80, replica }));
  expect(causes[0]).toMatchObject({ fault: 'disk-slow', at: { replica: named(2) } });
  expect(path.map(({ effect }) => effect)).toEqual(
    expect.arrayContaining(['DiskStall', 'ElectionStorm', 'LeaderLost']),
  );
});

test('a window that is well has no cause, and one that cannot be judged an unknown one', () => {
  expect(of(scripted({}))).toEqual({ verdict: 'none', causes: [], path: [] });
  expect(of(scripted({ seconds: 5 }))).toEqual({ verdict: 'unknown', causes: [], path: [] });
});

test('a storm that nothing explains is unknown rather than a guess', () => {
  expect(of(scripted({ replica: storm }))).toEqual({ verdict: 'unknown', causes: [], path: [] });
});

test('confidences are shares', () => {
  for (const recording of [recorded('masked-slow-disk'), recorded('deaf-follower')]) {
    const shares = of(recording).causes.map(({ confidence }) => confidence);
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
    expect(shares.reduce((total, share) => total + share, 0)).toBeLessThanOrEqual(1.01);
    expect(shares[0]).toBe(Math.max(...shares));
  }
});
