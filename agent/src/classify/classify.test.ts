import { describe, expect, test } from '@jest/globals';
import { CLASSES } from '../diagnose/cause.js';
import { windowOf, type Recording } from '../telemetry/index.js';
import { cutOff, named, scripted, type Script } from '../testing/cluster.js';
import { recorded } from '../testing/recorded.js';
import { classify, type Classification } from './classify.js';

const seen = (recording: Recording): Classification => classify(windowOf(recording));
const classes = (recording: Recording): string[] => seen(recording).classes.map((finding) => finding.class);
const kinds = (recording: Recording): string[] => [
  ...new Set(seen(recording).signals.map(({ kind }) => kind)),
];
const bad = (second: number): boolean => second > 20 && second <= 60;

test('a cluster that is well is none', () => {
  const { verdict, signals, unseen } = seen(scripted({}));
  expect(signals).toEqual([]);
  expect(unseen.filter(({ what }) => what !== 'metric')).toEqual([]);
  expect(verdict).toBe('none');
});

describe.each([1, 5, 15])('scraped every %i s', (everySeconds) => {
  const scene = (script: Script): Recording => scripted({ seconds: 90, everySeconds, ...script });

  test('a slow disk', () => {
    const found = seen(
      scene({ replica: (second, at) => (at === 2 && bad(second) ? { sync: 0.12, syncs: 8 } : {}) }),
    );
    expect(found.classes.map((finding) => finding.class)).toEqual(['DiskStall']);
    expect(found.classes[0]!.at).toEqual([{ replica: named(2) }]);
    expect(Math.abs(found.classes[0]!.onsetMs - 20_000)).toBeLessThanOrEqual(25_000);
  });

  test('syncs that do not return for a while', () => {
    const stall: Script = {
      replica: (second, at) => (at === 1 && bad(second) && second % 6 === 0 ? { oneSync: 1.6 } : {}),
    };
    expect(classes(scene(stall))).toEqual(['DiskStall']);
    expect(kinds(scene(stall))).toContain('stalled-sync');
  });

  test('a full disk', () => {
    expect(classes(scene({ replica: (second, at) => ({ diskFull: at === 4 && bad(second) }) }))).toEqual([
      'DiskStall',
    ]);
  });

  test('elections, one after the other', () => {
    const term = (second: number): number => 3 + Math.max(0, Math.min(5, Math.floor((second - 15) / 6)));
    expect(classes(scene({ replica: (second) => ({ term: term(second) }) }))).toEqual(['ElectionStorm']);
  });

  test('a replica whose links are cut', () => {
    const cut: Script = {
      replica: (second, at) => (at === 3 && bad(second) ? cutOff(second, 20) : {}),
      link: (second, from, to) => (bad(second) && (from === 3 || to === 3) ? { answered: 0 } : {}),
    };
    const found = seen(scene(cut));
    expect(found.classes.map((finding) => finding.class)).toEqual(['SplitBrain']);
    expect(found.classes[0]!.at).toEqual([{ replica: named(3) }]);
  });

  test('a follower that is behind', () => {
    const found = classes(
      scene({ replica: (second, at) => ({ behind: at === 1 && bad(second) ? 900 : 0 }) }),
    );
    expect(found).toEqual(['SlowFollower']);
  });

  test('leases that run out', () => {
    const found = classes(scene({ replica: (second) => ({ expired: second >= 20 && second < 30 ? 3 : 0 }) }));
    expect(found).toEqual(['LeaseStarvation']);
  });

  test('more is asked than can be done', () => {
    const found = classes(
      scene({ replica: (second, at) => (at === 0 && bad(second) ? { operations: 9000, pending: 900 } : {}) }),
    );
    expect(found).toEqual(['Overload']);
  });

  test('two at once are two', () => {
    const found = classes(
      scene({
        replica: (second, at) => ({
          ...(at === 2 && bad(second) ? { sync: 0.2, syncs: 5, behind: 900 } : {}),
        }),
      }),
    );
    expect(found).toEqual(['SlowFollower', 'DiskStall']);
  });
});

test('links of followers that are silent under one leader after the other are judged, each by the links of its own leader', () => {
  const leaderAt = (second: number): number => Math.min(2, Math.floor(second / 30));
  const silent = { 0: [1, 2], 1: [2, 0], 2: [0, 1] } as const;
  const script: Script = {
    seconds: 90,
    replica: (second, at) => ({ term: 3 + leaderAt(second), leads: at === leaderAt(second) }),
    link: (second, from, to) => {
      const [one, other] = silent[leaderAt(second) as 0 | 1 | 2];
      return from === one && to === other && second % 30 > 5 && second % 30 < 25 ? { answered: 0 } : {};
    },
  };
  const cut = seen(scripted(script)).signals.filter(({ kind }) => kind === 'cut-link');
  expect(cut.map(({ at }) => at)).toEqual(
    Object.values(silent).map(([from, to]) => ({ from: named(from), to: named(to) })),
  );
});

describe('what is no anomaly', () => {
  test('one change of the leader', () => {
    const handover: Script = {
      replica: (second, at) => ({ term: second < 30 ? 3 : 4, leads: at === (second < 30 ? 0 : 1) }),
    };
    expect(classes(scripted(handover))).toEqual([]);
  });

  test('leaders that hand over again and again, and writes go on', () => {
    const handovers = (committed: number): Script => ({
      replica: (second) => ({ term: 3 + Math.floor(second / 8), committed }),
    });
    expect(classes(scripted(handovers(100)))).toEqual([]);
    expect(kinds(scripted(handovers(100)))).toEqual(['leader-lost']);
    // Where nothing is written, nobody can tell.
    expect(classes(scripted(handovers(0)))).toEqual(['ElectionStorm']);
  });

  test('a leader that stood still handed nothing over, though between rare scrapes the writes were made up for', () => {
    const leaders = (loopMax: number): Script => ({
      everySeconds: 5,
      replica: (second, at) => {
        const term = 3 + Math.floor(second / 10);
        return {
          term,
          committed: 100,
          leads: at === term % 5,
          ...(at === (term - 1) % 5 && second % 10 === 0 ? { loopMax } : {}),
        };
      },
    });
    expect(classes(scripted(leaders(0.03)))).toEqual([]);
    expect(classes(scripted(leaders(3)))).toEqual(['ElectionStorm']);
  });

  test('a replica that is started anew', () => {
    const restart: Script = {
      replica: (second, at) =>
        at !== 2 ? {} : second < 30 ? {} : second < 32 ? { answers: false } : { started: 130 },
    };
    expect(classes(scripted(restart))).toEqual([]);
    expect(kinds(scripted(restart))).toEqual(['restarted']);
  });

  test('scrapes that are missing while the peers hear it', () => {
    const gaps = scripted({ replica: (second, at) => ({ answers: !(at === 3 && bad(second)) }) });
    expect(seen(gaps).verdict).toBe('none');
    expect(seen(gaps).signals).toEqual([]);
    expect(seen(gaps).unseen).toContainEqual(
      expect.objectContaining({ what: 'moments', text: expect.stringContaining('40 of 61') }),
    );
  });

  test('a scraper that stands still', () => {
    expect(seen(scripted({ replica: (second) => ({ answers: !bad(second) }) })).signals).toEqual([]);
  });

  test('twice the load', () => {
    expect(classes(scripted({ replica: (second) => ({ operations: bad(second) ? 220 : 100 }) }))).toEqual([]);
  });

  test('much more load that is not felt', () => {
    expect(classes(scripted({ replica: (second) => ({ operations: bad(second) ? 900 : 100 }) }))).toEqual([]);
  });

  test('a few leases of clients that are gone', () => {
    expect(classes(scripted({ replica: (second) => ({ expired: second === 30 ? 2 : 0 }) }))).toEqual([]);
  });

  test('one late sync, one late turn of a loop, one late probe', () => {
    const noise: Script = {
      replica: (second) => (second === 25 ? { oneSync: 0.4, loopMax: 0.3, loopP99: 0.2 } : {}),
      link: (second) => (second === 25 ? { roundTrip: 0.4 } : {}),
    };
    expect(seen(scripted(noise)).signals).toEqual([]);
  });

  test('one that was away for a moment, and has caught up a second later', () => {
    const pause: Script = {
      replica: (second, at) =>
        at !== 2 || second < 20 || second > 23
          ? {}
          : second < 23
            ? { answers: false }
            : { behind: 300, loopMax: 4 },
      link: (second, from, to) =>
        second >= 20 && second < 23 && (from === 2 || to === 2) ? { answered: 0 } : {},
    };
    expect(classes(scripted(pause))).toEqual([]);
    expect(kinds(scripted(pause))).toEqual(expect.arrayContaining(['silent', 'stood-still']));
  });
});

test('one that is away for long is behind while it is', () => {
  const pause: Script = {
    replica: (second, at) => ({ answers: !(at === 2 && second >= 20 && second < 32) }),
    link: (second, from, to) =>
      second >= 20 && second < 32 && (from === 2 || to === 2) ? { answered: 0 } : {},
  };
  expect(classes(scripted(pause))).toEqual(['SlowFollower']);
});

describe('who lacks entries and is no slow follower', () => {
  const silent = (second: number): boolean => second >= 20 && second < 32;
  const unheard: NonNullable<Script['link']> = (second, from, to) =>
    silent(second) && (from === 2 || to === 2) ? { answered: 0 } : {};

  test('who led until it fell silent', () => {
    const pause: Script = {
      replica: (second, at) => ({
        answers: !(at === 2 && silent(second)),
        leads: at === (second < 20 ? 2 : 0),
        term: second < 21 ? 3 : 4,
      }),
      link: unheard,
    };
    expect(classes(scripted(pause))).toEqual([]);
  });

  test('who is dead, and is started anew', () => {
    const dead: Script = {
      replica: (second, at) =>
        at !== 2 ? {} : silent(second) ? { answers: false } : { started: second < 32 ? 100 : 132 },
      link: unheard,
    };
    expect(classes(scripted(dead))).toEqual([]);
  });

  test('who is late for a moment, again and again', () => {
    const late = (second: number): boolean => bad(second) && second % 6 < 3;
    expect(
      classes(scripted({ replica: (second, at) => (at === 2 && late(second) ? { behind: 90 } : {}) })),
    ).toEqual([]);
    expect(
      classes(scripted({ replica: (second, at) => (at === 2 && bad(second) ? { behind: 90 } : {}) })),
    ).toEqual(['SlowFollower']);
  });
});

test('clients that come and go crowd out the others, or do not', () => {
  const herd = (operations: number): Script => ({
    replica: (second, at) => (bad(second) ? { operations, streamsOpened: at === 0 ? 200 : 20 } : {}),
    seconds: 90,
  });
  expect(classes(scripted(herd(100)))).toEqual([]);
  expect(classes(scripted(herd(55)))).toEqual(['Overload']);
});

describe('who is not to blame', () => {
  test('a loop that stands still makes no disk stall, though its syncs look slow', () => {
    const stall: Script = {
      replica: (second, at) =>
        at === 1 && bad(second) ? { loopMax: 1.4, loopP99: 1.4, sync: 1.2, syncs: 3 } : {},
    };
    expect(kinds(scripted(stall))).toEqual(['stood-still']);
    expect(classes(scripted(stall))).toEqual([]);
  });

  test('load that makes all disks slow is overload alone', () => {
    const load: Script = {
      replica: (second, at) =>
        bad(second) ? { sync: 0.03, operations: at === 0 ? 9000 : 0, pending: at === 0 ? 900 : 0 } : {},
    };
    expect(classes(scripted(load))).toEqual(['Overload']);
  });
});

describe('recorded', () => {
  test('the masked disk-bound follower has a stalling disk, and is slow by it', () => {
    const { classes: found, verdict } = seen(recorded('masked-slow-disk'));
    expect(verdict).toBe('incident');
    expect(found.map((finding) => finding.class)).toEqual(['SlowFollower', 'DiskStall']);
    for (const { at } of found) expect(at).toEqual([{ replica: 'aegis-5' }]);
  });

  test('the deaf follower is parted, and what it lacks meanwhile is not slowness', () => {
    const { classes: found } = seen(recorded('deaf-follower'));
    expect(found.map((finding) => finding.class)).toEqual(['SplitBrain']);
    for (const { at } of found) expect(at).toEqual([{ replica: 'aegis-4' }]);
  });
});

test('each finding rests on signals, each with its value and its bound', () => {
  for (const { because } of seen(recorded('masked-slow-disk')).classes) {
    expect(because.length).toBeGreaterThan(0);
    for (const { worst, bound, onsetMs, lastMs, seenMs, feature } of because) {
      expect(worst).toBeGreaterThan(bound);
      expect(lastMs).toBeGreaterThanOrEqual(onsetMs);
      expect(seenMs).toBeGreaterThan(0);
      expect(['fsyncMedian', 'lag']).toContain(feature);
    }
  }
});

test('a window that is too short is unknown, and says so', () => {
  const {
    verdict,
    classes: found,
    unseen,
    hidden,
  } = seen(scripted({ seconds: 8, replica: () => ({ sync: 2 }) }));
  expect(verdict).toBe('unknown');
  expect(found).toEqual([]);
  expect(hidden).toEqual(CLASSES);
  expect(unseen[0]!.text).toContain('9 rounds of scrapes over 8 s');
});

test('without anybody who answers all is unknown', () => {
  expect(seen(scripted({ replica: () => ({ answers: false }) })).verdict).toBe('unknown');
});
