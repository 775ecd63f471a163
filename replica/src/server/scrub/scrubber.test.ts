import { expect, test } from '@jest/globals';

import { ManualEnvironment } from '../../sim/manual-environment.js';
import type { StateMachine } from '../../state/index.js';
import { type Scrubbed, Scrubber } from './scrubber.js';

/** A state of so many pieces, each of which takes `workMs`; when each of them began. */
function scrubbing(pieces: number, workMs: number) {
  const environment = new ManualEnvironment();
  const began: number[] = [];
  const closed: string[] = [];
  const state = {
    appliedIndex: 7,
    contentHash: async (pause: () => Promise<void>) => {
      try {
        for (let piece = 0; piece < pieces; piece++) {
          began.push(environment.monotonicMs());
          environment.advance(workMs);
          await pause();
        }
        return { index: 7, hash: 'ab' };
      } finally {
        closed.push('rows');
      }
    },
  };
  const scrubber = new Scrubber({ state: state as unknown as StateMachine, environment });
  const done: Scrubbed[] = [];
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at++) {
      environment.advance(1);
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    }
  };
  return {
    scrubber,
    began,
    closed,
    done,
    pass,
    begin: () => scrubber.begin((scrubbed) => done.push(scrubbed)),
  };
}

test('a piece is followed by a rest of nineteen times its length, and of ten milliseconds at least', async () => {
  const quick = scrubbing(3, 0);
  quick.begin();
  await quick.pass(100);
  expect(quick.began).toEqual([0, 10, 20]);
  const slow = scrubbing(3, 4);
  slow.begin();
  await slow.pass(400);
  for (const at of [1, 2]) expect(slow.began[at]! - slow.began[at - 1]!).toBeGreaterThanOrEqual(80);
  expect(slow.done).toMatchObject([{ index: 7, hash: 'ab' }]);
});

test('a scrub that is given up lets go of the rows and says nothing; a new one takes its place', async () => {
  const world = scrubbing(5, 1);
  world.begin();
  await world.pass(30);
  expect(world.scrubber.index).toBe(7);
  world.begin();
  await world.pass(1);
  expect(world.closed).toEqual(['rows']);
  await world.pass(300);
  expect(world.done).toHaveLength(1);
  expect(world.scrubber.index).toBeUndefined();
  world.begin();
  world.scrubber.cancel();
  await world.pass(300);
  expect(world.done).toHaveLength(1);
  expect(world.closed).toHaveLength(3);
});
