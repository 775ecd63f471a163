import { beforeEach, expect, test } from '@jest/globals';
import type { Command } from '@aegis/proto/replica/command';
import { AlarmKind } from '@aegis/proto/v1/alarm';

import type { Environment } from '../driver/environment.js';
import { SPACE_INTERVAL_MS, SpaceKeeper } from './space-keeper.js';

let now: number;
let world: ReturnType<typeof keeping>;
beforeEach(() => {
  now = 0;
  world = keeping();
});

/** A keeper of member 2 whose proposals are applied at once. */
function keeping() {
  const seen = { full: false, stalled: false, alarm: false };
  const counts = { regains: 0, retries: 0 };
  const proposed: boolean[] = [];
  const failures: unknown[] = [];
  let broken: Error | undefined;
  const keeper = new SpaceKeeper(
    2,
    { monotonicMs: () => now } as Environment,
    {
      get full() {
        return seen.full;
      },
      regain: async () => {
        counts.regains++;
        if (broken !== undefined) throw broken;
      },
    },
    {
      hasAlarm: ({ kind, memberId }) => seen.alarm && kind === AlarmKind.NO_SPACE && memberId === 2,
      propose: ({ op }: Command, settle) => {
        if (op?.$case !== 'setAlarm') throw new Error(`proposes ${op?.$case}`);
        proposed.push(op.value.raised);
        seen.alarm = op.value.raised;
        settle(undefined, undefined);
      },
      stalled: () => seen.stalled,
      retry: () => void counts.retries++,
      failed: (error) => void failures.push(error),
    },
  );
  const pass = async (ms: number): Promise<void> => {
    for (const end = now + ms; now < end; now += SPACE_INTERVAL_MS) {
      keeper.tick();
      await Promise.resolve();
    }
  };
  const failWith = (error: Error): void => void (broken = error);
  return { seen, counts, proposed, failures, pass, failWith };
}

test('with room it says nothing, and after a start it clears what an earlier life raised', async () => {
  await world.pass(5000);
  expect(world.proposed).toEqual([]);
  world.seen.alarm = true;
  await world.pass(500);
  expect(world.proposed).toEqual([false]);
});

test('a full disk is told once, at once; room has to last before growth is let in', async () => {
  world.seen.full = true;
  await world.pass(SPACE_INTERVAL_MS);
  expect(world.proposed).toEqual([true]);
  await world.pass(10_000);
  expect(world.proposed).toEqual([true]);
  world.seen.full = false;
  await world.pass(1000);
  expect(world.proposed).toEqual([true]);
  await world.pass(1000);
  expect(world.proposed).toEqual([true, false]);
});

test('it tries about once a second to make the reserves whole, and then the write that waits', async () => {
  world.seen.full = true;
  await world.pass(10_000);
  expect(world.counts.regains).toBe(10);
  expect(world.counts.retries).toBe(10);
  world.failWith(new Error('EIO'));
  await world.pass(1000);
  await Promise.resolve();
  expect(world.failures).toEqual([new Error('EIO')]);
});
