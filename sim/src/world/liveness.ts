import type { SimulatedMember } from '@aegis/replica/sim';

import { hasQuorum, quorumsOf } from '../checks/quorum.js';
import { healDisks } from '../faults/disks.js';
import type { World } from './world.js';

const LOOK_MS = 50;

/** Until a change that is under way when the faults stop is decided, if it can be. */
const SETTLED_MS = 15_000;
/** Until somebody ends a removed member that nobody of those that it knows is left to tell. */
const TOLD_MS = 15_000;
/** A member that starts again may know as little as what its state held so long ago: it is synced every five seconds. */
const REMEMBERED_MS = 7000;

/**
 * The faults stop for a random majority, and stay for the rest: cut off, paused or down. The majority must elect and commit
 * within a bound.
 */
export function goOn(world: World): void {
  const { random } = world;
  settle(world);
  if (world.violated) return;
  const { members, network } = world.cluster;
  const well = majority(world);
  heal(world, well);
  for (const member of members) {
    if (well.includes(member)) continue;
    const trouble = random.below(3);
    if (trouble === 0) world.processes.kill(member);
    else if (trouble === 1) world.processes.pause(member);
    else
      for (const { place } of members) {
        // It may still be heard: what it says must not disturb the others for long.
        network.cut(place, member.place);
        if (random.chance(0.5)) network.cut(member.place, place);
      }
  }
  world.note(0, `faults stop for members ${well.map(({ id }) => id).join(', ')}`);
  mustCommit(world, well, 'a connected majority commits');
}

/** Nobody begins anything more, and what was begun comes to its end. */
function settle(world: World): void {
  for (const supervisor of world.supervisors) supervisor.working = false;
  const { membership, logs } = world.checks;
  const deadline = world.nowMs + SETTLED_MS;
  const open = (): boolean =>
    world.supervisors.some(({ changing }) => changing) ||
    membership.current.confState.votersOutgoing.length > 0 ||
    logs.changePending();
  while (world.changing && open() && world.nowMs < deadline && !world.violated) world.pass(LOOK_MS);
}

/** A random one, by every configuration that one of them may go by; more than a majority as it happens. */
function majority(world: World): SimulatedMember[] {
  const { membership, logs } = world.checks;
  const sound = shuffled(world, world.processes.sound);
  // Which configuration will be in force is open.
  if (logs.changePending() || membership.current.confState.votersOutgoing.length > 0) return sound;
  const required = membership.recent(world.nowMs - REMEMBERED_MS);
  let size = 0;
  const among = (id: number): boolean => sound.slice(0, size).some((member) => member.id === id);
  while (size < sound.length && !required.every((quorums) => hasQuorum(quorums, among))) size++;
  return sound.slice(0, size + world.random.below(sound.length - size + 1));
}

/** All faults stop, and all that can run does: they must commit, and then agree. */
export function calmDown(world: World): void {
  world.cluster.network.healAll();
  for (const { place } of world.cluster.members) world.linkClients(place);
  heal(world, world.processes.sound);
  world.note(0, 'all faults stop');
  mustCommit(world, world.processes.sound, 'a healthy cluster commits');
  if (world.changing && !world.violated) becomeWhole(world);
  world.working = false;
  // What clients wait for comes to its end, and whoever is behind catches up.
  const deadline = world.nowMs + convergenceMs(world);
  while (!world.violated) {
    world.pass(LOOK_MS);
    const { members } = world.checks.membership.current;
    const behind = world.processes.sound.filter(
      ({ id, life }) =>
        members.some((member) => member.id === id) &&
        (life === undefined || life.state.appliedIndex < world.checks.history.last - 50),
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

/** Whoever was lost is replaced, and whoever was to go is gone. */
function becomeWhole(world: World): void {
  const { places, processes, checks } = world;
  for (const place of places.list)
    if (place.member !== undefined && processes.damaged.has(place.member.id)) places.wipe(place);
  // Whoever waits is started once more, and told of those that are there now.
  for (const place of places.list) {
    place.newcomer?.kill();
    places.begin(place);
  }
  for (const supervisor of world.supervisors) supervisor.working = true;
  const deadline = world.nowMs + convergenceMs(world);
  const patienceMs = world.nowMs + TOLD_MS;
  while (!world.violated && !places.whole) {
    world.pass(LOOK_MS);
    if (world.nowMs > patienceMs) places.dismissUntold();
    if (world.nowMs < deadline) continue;
    const { members, confState } = checks.membership.current;
    const wanted = places.wanted.map(({ number, member }) => `${number} (member ${member?.id ?? 'none'})`);
    const seen = `places ${wanted.join(', ')} are to vote; members are ${members.map(({ id }) => id).join(', ')}, voters ${confState.voters.join(', ')}`;
    world.report('the membership becomes whole', seen);
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
      network.heal(member.place, other.place);
      network.setQuality(member.place, other.place, undefined);
    }
  }
}

/** Two more entries than there were when the faults stopped, one of them of a batch that began after that. */
function mustCommit(world: World, well: readonly SimulatedMember[], invariant: string): void {
  const from = world.checks.history.last;
  const beganMs = world.nowMs;
  const boundMs = electionBoundMs(world) + (needsSnapshots(world, well) ? snapshotMs(world) : 0);
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
  return electionBoundMs(world) + snapshotMs(world) + 15_000;
}

/** Whether some of those may have to be sent a snapshot before they are a majority. */
function needsSnapshots(world: World, well: readonly SimulatedMember[]): boolean {
  const cutAt = Math.max(...well.map(({ life }) => life?.log.truncation.index ?? 0));
  const follows = (id: number): boolean =>
    well.some((member) => member.id === id && (member.life?.log.lastIndex() ?? -1) >= cutAt);
  return !hasQuorum(quorumsOf(world.checks.membership.current.confState), follows);
}

/** One of the largest state, tried again after some failures in a row. */
function snapshotMs(world: World): number {
  const bytes = Math.max(...world.cluster.members.map(({ folders }) => folders.bytes));
  const bytesPerSecond = world.plan.settings.snapshotBytesPerSecond ?? Infinity;
  return 15_000 + (2000 * bytes) / bytesPerSecond;
}

function shuffled<T>(world: World, items: readonly T[]): T[] {
  const rest = [...items];
  const out: T[] = [];
  while (rest.length > 0) out.push(...rest.splice(world.random.below(rest.length), 1));
  return out;
}
