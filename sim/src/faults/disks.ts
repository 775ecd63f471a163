import { damageProvenBatch } from '@aegis/replica/sim';

import type { World } from '../world/world.js';
import type { Fault } from './fault.js';

/** What a disk may have beyond what is on it when it becomes full, in bytes: less than the next segment. */
const ROOM_BYTES = 20_000;

export const slowDisk: Fault = (world) => {
  const member = world.random.pick(world.cluster.members);
  const msMax = world.random.pick([20, 100, 500]);
  world.note(member.id, `its disk is slow, up to ${msMax} ms`);
  member.pace = { ...world.plan.environment.disk, msMax };
  return () => {
    member.pace = { ...world.plan.environment.disk };
  };
};

/** The next write or sync fails: the process has to end, and what it wrote may be there or not. */
export const failingDisk: Fault = (world) => {
  const member = world.random.pick(world.cluster.members);
  if (member.environment === undefined) return undefined;
  world.note(member.id, 'the next write to its disk will fail');
  world.processes.troubled(member);
  member.disk.failNext(world.random.chance(0.8) ? 'write' : 'syncDirectory');
  return undefined;
};

export const fullDisk: Fault = (world) => {
  const member = world.random.pick(world.cluster.members);
  world.note(member.id, 'its disk is nearly full');
  world.processes.troubled(member);
  member.disk.capacityBytes = member.disk.folder.usedBytes() + world.random.below(ROOM_BYTES);
  return () => {
    world.note(member.id, 'its disk has room');
    member.disk.capacityBytes = Infinity;
  };
};

/**
 * While its process is down, something before a batch that was written later is spoilt: flipped, or overwritten by another
 * batch. The replica must not start again. Only while the cluster can go on without one more voter.
 */
export const rot: Fault = (world) => {
  if (!world.places.mayLoseOne) return undefined;
  const member = world.random.pick(world.processes.sound);
  world.processes.kill(member);
  const what = damageProvenBatch(member.disk, world.random);
  if (what !== undefined) {
    world.note(member.id, `${what} on its disk`);
    world.processes.spoil(member);
  }
  return () => world.processes.start(member);
};

export function healDisks(world: World): void {
  for (const member of world.cluster.members) {
    member.disk.capacityBytes = Infinity;
    member.disk.failNothing();
    member.pace = { ...world.plan.environment.disk };
  }
}
