import type { SimulatedMember } from '@aegis/replica/sim';

import { healDisks } from '../faults/disks.js';
import type { World } from './world.js';

const LOOK_MS = 50;

/**
 * The faults stop for a random majority, and stay for the rest: cut off, paused or down. The majority must elect and commit
 * within a bound.
 */
export function goOn(world: World): void {
  const { random } = world;
  const { members, network } = world.cluster;
  const sound = shuffled(world, world.processes.sound);
  const quorum = Math.floor(members.length / 2) + 1;
  const well = sound.slice(0, quorum + random.below(sound.length - quorum + 1));
  heal(world, well);
  for (const member of members) {
    if (well.includes(member)) continue;
    const trouble = random.below(3);
    if (trouble === 0) world.processes.kill(member);
    else if (trouble === 1) world.processes.pause(member);
    else
      for (const { id } of members) {
        // It may still be heard: what it says must not disturb the others for long.
        network.cut(id, member.id);
        if (random.chance(0.5)) network.cut(member.id, id);
      }
  }
  world.note(0, `faults stop for members ${well.map(({ id }) => id).join(', ')}`);
  mustCommit(world, well, 'a connected majority commits');
}

/** All faults stop, and all that can run does: they must commit, and then agree. */
export function calmDown(world: World): void {
  const { sound } = world.processes;
  world.cluster.network.healAll();
  for (const client of world.clients)
    for (const { id } of world.cluster.members) {
      world.cluster.network.setQuality(client.place, id, world.plan.environment.clientLink);
      world.cluster.network.setQuality(id, client.place, world.plan.environment.clientLink);
    }
  heal(world, sound);
  world.note(0, 'all faults stop');
  mustCommit(world, sound, 'a healthy cluster commits');
  world.working = false;
  // What clients wait for comes to its end, and whoever is behind catches up.
  const deadline = world.nowMs + convergenceMs(world);
  while (!world.violated) {
    world.pass(LOOK_MS);
    const behind = sound.filter(
      ({ life }) => life === undefined || life.state.appliedIndex < world.checks.history.last - 50,
    );
    if (behind.length === 0) return;
    if (world.nowMs < deadline) continue;
    const ids = behind.map(({ id, life }) => `${id} (at ${life?.state.appliedIndex ?? 'no index'})`);
    world.report(
      'the healed agree',
      `members ${ids.join(', ')} do not reach ${world.checks.history.last}`,
      behind.map(({ id }) => id),
    );
  }
}

function heal(world: World, well: readonly SimulatedMember[]): void {
  healDisks(world);
  const { network } = world.cluster;
  for (const member of well) {
    world.processes.start(member);
    world.processes.resume(member);
    if (member.environment !== undefined) member.environment.busyMs = world.plan.environment.busyMs;
    for (const other of well) {
      network.heal(member.id, other.id);
      network.setQuality(member.id, other.id, undefined);
    }
  }
}

/** Two more entries than there were when the faults stopped, one of them of a batch that began after that. */
function mustCommit(world: World, well: readonly SimulatedMember[], invariant: string): void {
  const from = world.checks.history.last;
  const beganMs = world.nowMs;
  const boundMs = electionBoundMs(world);
  for (const { life } of well) probe(life);
  while (!world.violated) {
    world.pass(LOOK_MS);
    const { history } = world.checks;
    for (let index = from + 1; index <= history.last; index++) {
      const stampedAtMs = history.at(index)!.stampedAtMs;
      if (stampedAtMs !== undefined && stampedAtMs >= beganMs) return;
    }
    if (world.nowMs - beganMs > boundMs) {
      const seen = `members ${well.map(({ id }) => id).join(', ')} committed nothing in ${Math.round(boundMs)} ms`;
      world.report(
        invariant,
        seen,
        well.map(({ id }) => id),
      );
    }
  }

  /** Something to commit, even if no client is there to ask for it. */
  function probe(life: SimulatedMember['life']): void {
    life?.environment.run(() =>
      life.driver.submit(
        { call: undefined, op: { $case: 'leaseKeepAlive', value: { leases: [] } } },
        () => {},
      ),
    );
  }
}

/** A few rounds of elections, each of which may end without a winner, with whatever the links and disks add. */
function electionBoundMs(world: World): number {
  const slowest = Math.max(...world.cluster.members.map(({ settings }) => settings.electionTimeoutMs));
  const { link, disk } = world.plan.environment;
  const wayMs = link.delayMsMax + (link.tailMs ?? 0) * (link.tail ?? 0) * 20;
  const writeMs = disk.msMax + (disk.tailMs ?? 0) * (disk.tail ?? 0) * 20;
  return 12 * slowest + 100 * (wayMs + writeMs) + 3000;
}

function convergenceMs(world: World): number {
  return electionBoundMs(world) + 30_000;
}

function shuffled<T>(world: World, items: readonly T[]): T[] {
  const rest = [...items];
  const out: T[] = [];
  while (rest.length > 0) out.push(...rest.splice(world.random.below(rest.length), 1));
  return out;
}
