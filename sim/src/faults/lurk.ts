import type { Lurker, World } from '../world/world.js';
import type { Fault } from './fault.js';

const DOWN_MS = 30;

/** Strikes whenever something happens, for a while. */
export function lurk(world: World, what: string, lurker: Lurker): ReturnType<Fault> {
  world.note(0, what);
  world.lurkers.add(lurker);
  return () => {
    world.lurkers.delete(lurker);
    for (const member of world.processes.sound) world.processes.start(member);
  };
}

/** The process of a member dies in a moment, or its machine loses power; it is back soon. */
export function restartSoon(world: World, id: number): void {
  const { queue } = world.cluster;
  const member = world.cluster.members.find((each) => each.id === id);
  if (member === undefined) return;
  queue.after(world.random.exponential(2), () => {
    if (world.random.chance(0.7)) world.processes.crash(member);
    else world.processes.kill(member);
    queue.after(world.random.exponential(DOWN_MS), () => world.processes.start(member));
  });
}
