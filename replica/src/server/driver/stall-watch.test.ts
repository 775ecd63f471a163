import { beforeEach, expect, test } from '@jest/globals';
import { SPACE_INTERVAL_MS } from '../space/space-keeper.js';
import { StallWatch } from './stall-watch.js';

let writingSince: number | undefined;
let leftBehind: boolean;
let handOvers: number;
let watch: StallWatch;
beforeEach(() => {
  writingSince = undefined;
  leftBehind = true;
  handOvers = 0;
  watch = new StallWatch(1000, {
    writingSince: () => writingSince,
    leftBehind: () => leftBehind,
    handOver: () => void handOvers++,
  });
});

function pass(ms: number): void {
  for (let passed = 0; passed < ms; passed += SPACE_INTERVAL_MS) watch.tick();
}

test('a leader whose write does not end within an election timeout hands over, now and then', () => {
  writingSince = 7;
  pass(1000);
  expect(handOvers).toBe(0);
  pass(250);
  expect(handOvers).toBe(1);
  pass(4750);
  expect(handOvers).toBe(1);
  pass(250);
  expect(handOvers).toBe(2);
});

test('who is not left behind does not, nor a leader whose writes end, however many there are', () => {
  leftBehind = false;
  writingSince = 7;
  pass(20_000);
  expect(handOvers).toBe(0);
  leftBehind = true;
  for (let at = 0; at < 40; at++) {
    writingSince = 10 + at;
    pass(1000);
  }
  writingSince = undefined;
  pass(20_000);
  expect(handOvers).toBe(0);
});
