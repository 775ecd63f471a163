import type { Fault } from './fault.js';

const HOUR_MS = 3_600_000;

/** Somebody sets the wall clock of a replica or a client, by up to an hour. */
export const clockJump: Fault = (world) => {
  const machine = world.random.pick([...world.cluster.members, ...world.clients]);
  const ms = Math.floor(world.random.pick([1000, 60_000, HOUR_MS]) * (2 * world.random.fraction() - 1));
  world.note('id' in machine ? machine.id : machine.place, `its wall clock jumps by ${ms} ms`);
  machine.clock.jump(ms);
  return undefined;
};

export const clockDrift: Fault = (world) => {
  const machine = world.random.pick([...world.cluster.members, ...world.clients]);
  machine.clock.setRate(1 + world.plan.environment.drift * (2 * world.random.fraction() - 1));
  return undefined;
};
