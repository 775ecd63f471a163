import { expect, test } from '@jest/globals';
import { libraryNames, loadTrace } from '../library.js';
import { effectsOf } from './effects.js';
import type { Order, Stage } from './stage.js';

/** What docs/faults.md lets each order say. A replica refuses any other field. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  link: ['to', 'cut', 'delayMs', 'jitterMs', 'lossPercent', 'bytesPerSecond'],
  fsync: ['slowMs', 'stalled', 'failing'],
  disk: ['full'],
  clock: ['offsetMs', 'driftPpm'],
  jump: ['ms'],
  stall: ['ms'],
  garbage: ['mbPerSecond'],
};

test('no order of a trace of the library says more than a replica takes', async () => {
  const orders: Order[] = [];
  const done = async (): Promise<void> => undefined;
  const stage: Stage = {
    members: [1, 2, 3],
    leader: async () => 1,
    order: async (_member, order) => void orders.push(order),
    kill: done,
    pause: done,
    resume: done,
    throttle: done,
    handOver: done,
    life: () => 'one',
  };
  for (const fault of libraryNames().flatMap((name) => loadTrace(name).faults)) {
    for (const effect of effectsOf(fault, [1, 2], [2, 3])) {
      await effect.begin(stage);
      await effect.end?.(stage);
    }
  }
  expect(new Set(orders.map(({ fault }) => fault))).toEqual(new Set(Object.keys(FIELDS)));
  for (const { fault, ...fields } of orders)
    expect(FIELDS[fault]).toEqual(expect.arrayContaining(Object.keys(fields)));
});
