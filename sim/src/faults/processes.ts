import type { SimulatedMember } from '@aegis/replica/sim';

import type { World } from '../world/world.js';
import type { Fault } from './fault.js';

function running(world: World): SimulatedMember | undefined {
  const candidates = world.cluster.members.filter(({ environment }) => environment !== undefined);
  return candidates.length === 0 ? undefined : world.random.pick(candidates);
}

/** The leader rather often: more depends on it. */
function someone(world: World): SimulatedMember | undefined {
  const leader = world.cluster.leaders()[0];
  return leader !== undefined && world.random.chance(0.4) ? leader : running(world);
}

export const crash: Fault = (world) => {
  const member = someone(world);
  if (member === undefined) return undefined;
  world.processes.crash(member);
  return () => world.processes.start(member);
};

export const crashAll: Fault = (world) => {
  for (const member of world.cluster.members) world.processes.crash(member);
  return () => {
    for (const member of world.cluster.members) world.processes.start(member);
  };
};

export const kill: Fault = (world) => {
  const member = someone(world);
  if (member === undefined) return undefined;
  world.processes.kill(member);
  return () => world.processes.start(member);
};

export const pause: Fault = (world) => {
  const member = someone(world);
  if (member === undefined) return undefined;
  world.processes.pause(member);
  return () => world.processes.resume(member);
};

/** Each operation of the event loop takes long: turns come late, and a backlog builds up. */
export const stall: Fault = (world) => {
  const member = someone(world);
  const { environment } = member ?? {};
  if (environment === undefined) return undefined;
  world.note(member!.id, 'stalls');
  environment.busyMs = world.random.pick([1, 5, 20]);
  return () => {
    environment.busyMs = world.plan.environment.busyMs;
  };
};

/** A restart with other settings, as a roll does it: for a while old and new ones run together. */
export const settings: Fault = (world) => {
  const member = running(world);
  if (member === undefined) return undefined;
  const { random } = world;
  const electionTimeoutMs = random.pick([300, 500, 1000, 2000]);
  world.processes.kill(member);
  member.settings = {
    ...member.settings,
    electionTimeoutMs,
    heartbeatIntervalMs: electionTimeoutMs / 10,
    leaseMinTtlMs: random.pick([300, 500, 1000]),
    leaseMaxTtlMs: random.pick([60_000, 3_600_000]),
    maxInflightMessages: random.pick([1, 16, 256]),
    snapshotThresholdEntries: random.pick([20, 200, 5000]),
    logRetentionEntries: random.pick([20, 200, 5000]),
  };
  // The files of others differ from then on; what belongs to the cluster an administrator changes at its leader.
  const [leader] = world.cluster.leaders();
  const { leaseMinTtlMs, leaseMaxTtlMs, leaseExpiryPerTick, kvQuotaBytes } = member.settings;
  const shared = { leaseMinTtlMs, leaseMaxTtlMs, leaseExpiryPerTick, kvQuotaBytes };
  leader?.life?.environment.run(() => leader.life?.driver.shareSettings(shared, () => {}));
  return () => world.processes.start(member);
};

export const transfer: Fault = (world) => {
  const [leader] = world.cluster.leaders();
  if (leader === undefined) return undefined;
  const to = world.random.pick(world.cluster.members);
  world.note(leader.id, `is asked to hand leadership to ${to.id}`);
  leader.life?.environment.run(() => leader.life?.driver.transferLeadership(to.id));
  // A transfer has an election timeout of its own: until it is over, nobody looks whether a quorum answers, as in etcd's library.
  world.checks.elections.awake(leader.id);
  return undefined;
};
