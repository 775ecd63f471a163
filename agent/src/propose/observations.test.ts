import { expect, test } from '@jest/globals';
import { windowOf } from '../telemetry/index.js';
import { scripted, type Script } from '../testing/cluster.js';
import { observationsOf } from './observations.js';

const of = (script: Script): number => observationsOf(windowOf(scripted(script))).pauseMaxUs!;
const still = (second: number): boolean => second >= 20 && second < 24;
const unheard: NonNullable<Script['link']> = (second, from, to) =>
  still(second) && (from === 2 || to === 2) ? { answered: 0 } : {};

test('a pause is as long as a loop stood, or as a member was silent', () => {
  expect(of({ replica: (second, at) => (at === 2 && second === 20 ? { loopMax: 1.5 } : {}) })).toBe(
    1_500_000,
  );
  expect(of({ replica: (second, at) => ({ answers: !(at === 2 && still(second)) }), link: unheard })).toBe(
    4_500_000,
  );
});

test('a member that died stood for nothing, and one that is silent yet for nobody knows how long', () => {
  const usual = of({});
  expect(
    of({
      replica: (second, at) =>
        at !== 2 ? {} : still(second) ? { answers: false } : { started: second < 24 ? 100 : 124 },
      link: unheard,
    }),
  ).toBe(usual);
  const silent = (second: number): boolean => second >= 50;
  expect(
    of({
      replica: (second, at) => ({ answers: !(at === 2 && silent(second)) }),
      link: (second, from, to) => (silent(second) && (from === 2 || to === 2) ? { answered: 0 } : {}),
    }),
  ).toBe(usual);
});
