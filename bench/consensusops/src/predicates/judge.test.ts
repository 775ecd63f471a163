import { expect, test } from '@jest/globals';
import { judge, type Verdict } from './judge.js';
import { indexAt, logWith, UNTOUCHED_MS, within, type Differences } from './testing/sound-log.js';

function verdict(differences?: Differences): Verdict {
  return judge(logWith(differences), UNTOUCHED_MS);
}

/** Where each effect showed. */
function places({ findings }: Verdict): Record<string, unknown[]> {
  const found: Record<string, unknown[]> = {};
  for (const { effect, at } of findings) (found[effect] ??= []).push(at);
  return found;
}

test('with nothing wrong there is nothing', () => {
  const sound = verdict();
  expect(sound.classes).toEqual([]);
  expect(sound.findings).toEqual([]);
  expect(sound.nearBound).toEqual([]);
});

/** A leader gone at 30 s, and the next two seconds later. */
function failover(terms: number): Differences['status'] {
  return (member, atMs, sound) => {
    if (atMs < 30_000) return sound;
    if (member === 1 && atMs < 31_500) return 'dead';
    if (atMs < 31_500) return { ...sound, leader: 0, role: 'pre-candidate' };
    return { ...sound, term: 7 + terms, leader: 2, role: member === 2 ? 'leader' : 'follower' };
  };
}

test.each([
  [1, [], []],
  [2, [], []],
  [3, ['ElectionStorm'], ['ElectionStorm']],
  [4, ['ElectionStorm'], []],
])(
  '%i terms at once: a failover is no storm, and three are too close to call',
  (terms, classes, nearBound) => {
    const seen = verdict({ status: failover(terms)! });
    expect(seen.classes).toEqual(classes);
    expect(seen.nearBound).toEqual(nearBound);
  },
);

test('terms that somebody asked for are no storm', () => {
  const handoversMs = [30_000, 33_000, 36_000, 39_000];
  const status: Differences['status'] = (_member, atMs, sound) => ({
    ...sound,
    term: 7 + handoversMs.filter((at) => at + 50 <= atMs).length,
  });
  expect(verdict({ status }).classes).toEqual(['ElectionStorm']);
  expect(verdict({ status, handoversMs }).classes).toEqual([]);
});

test('a member that answers without the leader of the others is apart; one that is paused is not', () => {
  const cut: Differences['status'] = (member, atMs, sound) =>
    member === 3 && within(atMs, 30_000, 40_000)
      ? { ...sound, leader: 0, role: 'pre-candidate', commit: indexAt(29_000), applied: indexAt(29_000) }
      : sound;
  expect(places(verdict({ status: cut }))).toEqual({ SplitBrain: [3] });
  const paused: Differences['status'] = (member, atMs, sound) =>
    member === 3 && within(atMs, 30_000, 40_000)
      ? 'silent'
      : member === 3 && within(atMs, 40_000, 40_200)
        ? { ...sound, applied: indexAt(30_000) }
        : sound;
  expect(places(verdict({ status: paused }))).toEqual({ SlowFollower: [3], ReplicaSilent: [3] });
});

test('without a majority in one term nobody decides; while terms rise it is a storm', () => {
  const lost: Differences['status'] = (_member, atMs, sound) =>
    within(atMs, 30_000, 40_000) ? { ...sound, leader: 0, role: 'pre-candidate' } : sound;
  expect(places(verdict({ status: lost }))).toEqual({ SplitBrain: ['cluster'], LeaderLost: ['cluster'] });
  const voting: Differences['status'] = (_member, atMs, sound) => {
    const term = 7 + Math.max(0, Math.min(6, Math.floor((atMs - 28_000) / 2_000)));
    return within(atMs, 30_000, 40_000)
      ? { ...sound, term, leader: 0, role: 'candidate' }
      : { ...sound, term };
  };
  expect(places(verdict({ status: voting }))).toEqual({
    ElectionStorm: ['cluster'],
    LeaderLost: ['cluster'],
  });
});

test('dead members are no majority, silent ones prove nothing', () => {
  const gone = (how: 'dead' | 'silent'): Verdict =>
    verdict({
      status: (member, atMs, sound) => {
        if (!within(atMs, 30_000, 42_000)) return sound;
        return member <= 3
          ? how
          : { ...sound, leader: 0, role: 'pre-candidate', commit: 16_000, applied: 16_000 };
      },
    });
  expect(places(gone('dead'))['SplitBrain']).toEqual(['cluster']);
  expect(places(gone('silent'))['SplitBrain']).toBeUndefined();
});

test.each([
  [100, [], []],
  [270, ['SlowFollower'], ['SlowFollower']],
  [400, ['SlowFollower'], []],
])('a follower that is %i ms behind for ten seconds', (behindMs, classes, nearBound) => {
  const seen = verdict({
    status: (member, atMs, sound) =>
      member === 4 && within(atMs, 30_000, 40_000)
        ? { ...sound, applied: indexAt(atMs - behindMs - 30) }
        : sound,
  });
  expect(seen.classes).toEqual(classes);
  expect(seen.nearBound).toEqual(nearBound);
});

test('all late together is nobody slow; a short time behind is none; who is dead is no follower', () => {
  const late: Differences['status'] = (_member, atMs, sound) =>
    within(atMs, 30_000, 40_000) ? { ...sound, applied: indexAt(atMs - 600) } : sound;
  expect(verdict({ status: late }).classes).toEqual([]);
  const shortly: Differences['status'] = (member, atMs, sound) =>
    member === 4 && within(atMs, 30_000, 33_000) ? { ...sound, applied: indexAt(29_000) } : sound;
  expect(verdict({ status: shortly }).classes).toEqual([]);
  const dead: Differences['status'] = (member, atMs, sound) => {
    if (member !== 4 || !within(atMs, 30_000, 40_300)) return sound;
    return atMs < 40_000 ? 'dead' : { ...sound, applied: indexAt(30_000) };
  };
  expect(places(verdict({ status: dead }))).toEqual({ ReplicaSilent: [4] });
});

test('a leader that stands still is a follower from the moment at which there is another leader', () => {
  const pausedFor =
    (ms: number): NonNullable<Differences['status']> =>
    (member, atMs, sound) => {
      const untilMs = 30_000 + ms;
      if (member === 1 && within(atMs, 30_000, untilMs)) return 'silent';
      // It comes back as the leader that it was, and with what it had.
      if (member === 1 && within(atMs, untilMs, untilMs + 300))
        return { ...sound, role: atMs < untilMs + 100 ? 'leader' : 'follower', applied: indexAt(30_000) };
      if (atMs < 33_000)
        return member === 1 || atMs < 31_500 ? sound : { ...sound, leader: 0, role: 'pre-candidate' };
      return { ...sound, term: 8, leader: 2, role: member === 2 ? 'leader' : 'follower' };
    };
  expect(verdict({ status: pausedFor(6_000) }).classes).toEqual([]);
  expect(places(verdict({ status: pausedFor(12_000) }))['SlowFollower']).toEqual([1]);
});

test.each([
  [1, [], []],
  [2, [], ['LeaseStarvation']],
  [3, ['LeaseStarvation'], []],
])('%i of fifty clients lose a lease that they kept', (losers, classes, nearBound) => {
  const seen = verdict({ lost: (via, nth) => (via === 2 && nth < losers ? [35_000] : []) });
  expect(seen.classes).toEqual(classes);
  expect(seen.nearBound).toEqual(nearBound);
});

test.each([
  ['a sync that is a little slow', { slowMs: 20 }, 10_000, []],
  ['a slow one', { slowMs: 60 }, 10_000, ['DiskStall']],
  ['a slow one for a moment', { slowMs: 60 }, 2_000, []],
  ['one that stalls for a second and a half', { stalled: true }, 1_500, ['DiskStall']],
  ['a stall of half a second', { stalled: true }, 500, []],
  ['a full disk', { full: true }, 10_000, ['DiskStall']],
])('%s', (_name, state, forMs, classes) => {
  const seen = verdict({
    disk: (member, atMs) => (member === 5 && within(atMs, 30_000, 30_000 + forMs) ? state : {}),
  });
  expect(seen.classes).toEqual(classes);
  expect(seen.nearBound).toEqual([]);
  if (classes.length > 0) expect(places(seen)).toEqual({ DiskStall: [5] });
});

test('much wanted is an overload only if answers are late for it, and late answers only if much is wanted', () => {
  const demand = (second: number): { clients?: number } => (within(second, 30, 40) ? { clients: 900 } : {});
  const took = (_via: number, atMs: number): number => (within(atMs, 31_000, 41_000) ? 400 : 8);
  expect(verdict({ demand }).classes).toEqual([]);
  expect(places(verdict({ took }))).toEqual({ AnswersLate: ['clients'] });
  const both = verdict({ demand, took });
  expect(places(both)).toEqual({ Overload: ['clients'], AnswersLate: ['clients'] });
  expect(both.nearBound).toEqual([]);
  const values = verdict({ demand: (second) => (second >= 30 ? { bytes: 20e6 } : {}), took });
  expect(values.classes).toEqual(['Overload']);
  // Twice the load is carried, as it should be; two and a half times is close to a bound.
  const twice = verdict({ demand: (second) => (second >= 30 ? { clients: 120 } : {}), took });
  expect([twice.classes, twice.nearBound]).toEqual([[], []]);
  expect(verdict({ demand: (second) => (second >= 30 ? { clients: 160 } : {}), took }).nearBound).toEqual([
    'Overload',
  ]);
});

test('answers that fail are late, at one member as well', () => {
  const took = (via: number, atMs: number): number | undefined =>
    via === 3 && within(atMs, 30_000, 40_000) ? undefined : 8;
  expect(places(verdict({ took }))).toEqual({ AnswersLate: ['clients'] });
});

test('what was so before anything was done is none of it', () => {
  const early: Differences = {
    status: (member, atMs, sound) =>
      member === 3 && within(atMs, 6_000, 18_000)
        ? { ...sound, leader: 0, applied: indexAt(5_000) }
        : member === 4 && within(atMs, 6_000, 18_000)
          ? 'silent'
          : sound,
    disk: (member, atMs) => (member === 5 && atMs < 18_000 ? { stalled: true } : {}),
    lost: (via) => (via === 2 ? [15_000] : []),
  };
  expect(verdict(early).findings).toEqual([]);
  expect(judge(logWith(early), UNTOUCHED_MS, 0).classes).toEqual([
    'SplitBrain',
    'LeaseStarvation',
    'DiskStall',
  ]);
});
