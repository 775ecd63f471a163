import { expect, test } from '@jest/globals';
import { loadTrace } from '@aegis/client/chaos';
import { resolveSettings } from '@aegis/replica/settings';
import { simulated } from '@aegis/sim/verify';
import { isSimulated, sameClasses, sameFirst, saidOf, type Said } from './agreement.js';

const said = (more: Partial<Said> = {}): Said => ({
  classes: ['SplitBrain'],
  first: 'link-cut',
  right: true,
  ...more,
});

test('both agree in their classes if none is missing and none too many', () => {
  expect(sameClasses(said(), said())).toBe(true);
  expect(sameClasses(said({ classes: ['SplitBrain', 'DiskStall'] }), said())).toBe(false);
  expect(sameClasses(said(), said({ classes: [] }))).toBe(false);
  expect(
    sameClasses(
      said({ classes: ['DiskStall', 'SplitBrain'] }),
      said({ classes: ['SplitBrain', 'DiskStall'] }),
    ),
  ).toBe(true);
});

test('both agree in the first cause if it is the same, and right on both sides or on none', () => {
  expect(sameFirst(said(), said())).toBe(true);
  expect(sameFirst(said(), said({ first: 'paused' }))).toBe(false);
  expect(sameFirst(said(), said({ right: false }))).toBe(false);
  expect(sameFirst(said({ first: null, right: false }), said({ first: null, right: false }))).toBe(true);
});

test('the simulator claims networks, disks, pauses and clocks, and no loads', () => {
  expect(isSimulated(loadTrace('leader-cut-off'))).toBe(true);
  expect(isSimulated(loadTrace('clock-jumps'))).toBe(true);
  expect(isSimulated(loadTrace('overload'))).toBe(false);
  expect(isSimulated(loadTrace('starved-leader'))).toBe(false);
});

test('of a simulated world is told who was at fault: the one that played the victim, and nobody else', async () => {
  const trace = loadTrace('leader-cut-off');
  const about = { trace, surroundings: undefined, scrapeMs: 1_000 };
  const world = await simulated(about, { seed: 3, settings: resolveSettings('all', trace.settings) });
  expect(world.violation).toBeUndefined();
  expect(saidOf(trace, world)).toEqual(said());
  const { victim } = world.acted.roles;
  const other = Object.values(world.recording.replicas).find((id) => id !== victim)!;
  const elsewhere = { ...world.acted, roles: { ...world.acted.roles, victim: other } };
  expect(saidOf(trace, { ...world, acted: elsewhere })).toEqual(said({ right: false }));
  expect(() => saidOf(trace, { ...world, acted: { ...world.acted, done: [] } })).toThrow('could not be done');
}, 60_000);
