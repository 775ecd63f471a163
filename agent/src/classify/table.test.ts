import { expect, test } from '@jest/globals';
import { CLASSES, FAULTS } from '../diagnose/cause.js';
import { LINK_FEATURES, REPLICA_FEATURES } from '../telemetry/index.js';
import { cutOff, scripted, type Script } from '../testing/cluster.js';
import { windowOf } from '../telemetry/index.js';
import { classify } from './classify.js';
import { TABLE } from './table.js';

test('every feature has its line, with a class and a fault that there are', () => {
  expect(Object.keys(TABLE).sort()).toEqual(
    [...Object.keys(REPLICA_FEATURES), ...Object.keys(LINK_FEATURES)].sort(),
  );
  for (const meaning of Object.values(TABLE)) {
    if (meaning === null) continue;
    expect(CLASSES).toContain(meaning.class);
    expect(Object.keys(FAULTS)).toContain(meaning.fault);
  }
});

const bad = (second: number): boolean => second > 20 && second <= 60;
const scenes: readonly (readonly [string, Script])[] = [
  ['a slow disk', { replica: (second, at) => (at === 2 && bad(second) ? { sync: 0.12, syncs: 8 } : {}) }],
  ['a full disk', { replica: (second, at) => ({ diskFull: at === 2 && bad(second) }) }],
  ['elections', { replica: (second) => ({ term: 3 + Math.floor(second / 10) }) }],
  ['a follower behind', { replica: (second, at) => ({ behind: at === 2 && bad(second) ? 900 : 0 }) }],
  ['leases', { replica: (second) => ({ expired: bad(second) ? 3 : 0 }) }],
  ['load', { replica: (second, at) => (at === 0 && bad(second) ? { operations: 9000, pending: 900 } : {}) }],
  [
    'a cut',
    {
      replica: (second, at) => (at === 3 && bad(second) ? cutOff(second, 20) : {}),
      link: (second, from, to) => (bad(second) && (from === 3 || to === 3) ? { answered: 0 } : {}),
    },
  ],
];

test.each(scenes)('the classifier means by a feature what the table says: %s', (_, script) => {
  const { classes } = classify(windowOf(scripted({ seconds: 80, ...script })));
  expect(classes).toHaveLength(1);
  const meanings = classes[0]!.because.map(({ feature }) => (feature === 'answered' ? null : TABLE[feature]));
  expect(meanings.some((meaning) => meaning?.class === classes[0]!.class)).toBe(true);
});
