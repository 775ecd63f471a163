import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextStep } from './plan.js';
import type { Step } from './step.js';
import { World } from './testing/world.js';

const SIZES = [1, 3, 5, 7] as const;

/** An operator that looks, and does the next step, unless it is killed before or forgets what it did. */
function operate(world: World, turns: number, until?: (step: Step) => boolean): Step[] {
  const steps: Step[] = [];
  for (let turn = 0; turn < turns; turn++) {
    world.turn();
    const step = nextStep(world.observe());
    steps.push(step);
    if (until?.(step) === true) break;
    world.apply(step);
  }
  return steps;
}

const isDone = ({ kind }: Step): boolean => kind === 'done';

test.each(SIZES)('a cluster of %i is made once, and nothing is left to do then', (size) => {
  const world = new World(size);
  operate(world, 100, isDone);
  expect(world.settled).toBe(true);
  expect(world.voters.map(({ id }) => id)).toEqual(Array.from({ length: size }, (_, at) => at + 1));
  expect(operate(world, 3).every(isDone)).toBe(true);
});

test('a new generation restarts one pod after the other, the leader last', () => {
  const world = new World(5);
  operate(world, 100, isDone);
  const { leader } = world;
  world.generation++;
  const steps = operate(world, 200, isDone).filter(({ kind }) => kind === 'restart' || kind === 'transfer');
  expect(world.settled).toBe(true);
  const leaderPlace = leader! - 1;
  const order = steps.flatMap((step) => (step.kind === 'restart' ? [step.ordinal] : []));
  expect(order.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
  expect(order.at(-1)).toBe(leaderPlace);
  expect(steps.at(-2)).toMatchObject({ kind: 'transfer', why: 'Roll' });
});

test('settings with which the first member does not come back are taken back', () => {
  const world = new World(5);
  operate(world, 100, isDone);
  world.badGeneration = ++world.generation;
  const steps = operate(world, 200, isDone);
  expect(steps.filter(({ kind }) => kind === 'roll-back')).toHaveLength(1);
  // The one that tried them, and the same one on its way back.
  expect(steps.filter(({ kind }) => kind === 'restart')).toHaveLength(2);
  expect(world.generation).toBe(1);
  expect(world.settled).toBe(true);
});

test('a lost volume costs its member the id; the only one there was is not replaced', () => {
  const world = new World(3);
  operate(world, 100, isDone);
  world.loseVolume(1);
  operate(world, 100, isDone);
  expect(world.settled).toBe(true);
  expect(world.members.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual([1, 3, 4]);

  const one = new World(1);
  operate(one, 100, isDone);
  one.loseVolume(0);
  const last = operate(one, 20).at(-1)!;
  expect(last).toMatchObject({ kind: 'stuck', reason: 'DataLost' });
  expect(one.members.map(({ id }) => id)).toEqual([1]);
});

test('a quorum of lost volumes is for people, and a record that is gone too', () => {
  const world = new World(5);
  operate(world, 100, isDone);
  for (const ordinal of [0, 2, 3]) world.loseVolume(ordinal);
  expect(operate(world, 20).at(-1)).toMatchObject({
    kind: 'stuck',
    reason: 'DataLost',
    message: expect.stringContaining('places 0, 2, 3'),
  });
  const riddle = new World(3);
  operate(riddle, 100, isDone);
  riddle.record = undefined;
  expect(operate(riddle, 3).at(-1)).toMatchObject({ kind: 'stuck', reason: 'RecordLost' });
});

test('a record that is gone comes back from the copy on the volumes, and makes no member anew', () => {
  const world = new World(3);
  operate(world, 100, isDone);
  world.recordKept = world.record;
  world.record = undefined;
  expect(operate(world, 20, isDone)[0]).toEqual({ kind: 'restore-record' });
  expect(world.settled).toBe(true);
  expect(world.members.map(({ id }) => id)).toEqual([1, 2, 3]);
});

test('silence is no loss: a pod that does not come back keeps its member', () => {
  const world = new World(3);
  operate(world, 100, isDone);
  world.pods.get(1)!.starting = 1_000;
  const steps = operate(world, 50);
  expect(steps.every(({ kind }) => kind === 'wait' || kind === 'done')).toBe(true);
  expect(world.members.map(({ id }) => id)).toEqual([1, 2, 3]);
});

test('shrinking takes the highest places, never the leader by its own hand, and their volumes last', () => {
  const world = new World(7);
  operate(world, 100, isDone);
  world.leader = 7;
  world.size = 3;
  const steps = operate(world, 200, isDone);
  expect(world.settled).toBe(true);
  const kinds = steps.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'remove')).toHaveLength(4);
  expect(kinds.indexOf('transfer')).toBeLessThan(kinds.indexOf('remove'));
  expect(kinds.lastIndexOf('remove')).toBeLessThan(kinds.indexOf('scale'));
  expect(kinds.indexOf('scale')).toBeLessThan(kinds.indexOf('delete-volume'));
});

test('whatever happens and whenever the operator is killed: it ends right, and never takes a quorum', () => {
  const event = fc.oneof(
    { weight: 6, arbitrary: fc.constant({ kind: 'nothing' as const }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill' as const), ordinal: fc.nat(6) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), ordinal: fc.nat(6) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('size' as const), size: fc.constantFrom(...SIZES) }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'generation' as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'operator killed' as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'done twice' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'seen late' as const }) },
  );
  fc.assert(
    fc.property(fc.constantFrom(...SIZES), fc.array(event, { maxLength: 120 }), (size, events) => {
      const world = new World(size);
      let before = world.observe();
      for (const happening of events) {
        world.turn();
        const seen = happening.kind === 'seen late' ? before : world.observe();
        before = world.observe();
        const step = nextStep(seen);
        if (happening.kind !== 'operator killed') world.apply(step);
        if (happening.kind === 'done twice') world.apply(step);
        if (happening.kind === 'kill') world.pods.delete(happening.ordinal);
        if (happening.kind === 'size') world.size = happening.size;
        if (happening.kind === 'generation') world.generation++;
        // No more volumes are lost than the cluster can bear.
        if (happening.kind === 'lose' && bears(world, happening.ordinal)) world.loseVolume(happening.ordinal);
      }
      const steps = operate(world, 400, isDone);
      expect({ settled: world.settled, last: steps.at(-1) }).toEqual({
        settled: true,
        last: { kind: 'done' },
      });
    }),
    { numRuns: Number(process.env['AEGIS_PROPERTY_RUNS'] ?? 300) },
  );
});

function bears(world: World, ordinal: number): boolean {
  const withData = world.voters.filter(
    (member) => member.ordinal !== ordinal && world.volumes.get(member.ordinal)?.nonce === member.nonce,
  ).length;
  return world.record === undefined || withData > world.voters.length / 2;
}
