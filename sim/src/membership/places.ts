import { isRemoved, RefusedStart, type SimulatedMember, type SimulatedNewcomer } from '@aegis/replica/sim';

import { hasQuorum } from '../checks/quorum.js';
import type { World } from '../world/world.js';
import { Place } from './place.js';

/** How long after its removal somebody stops the machine of a member that may not know of it, on average. */
const STOPPED_MS = [20, 2000] as const;

/** The places of a world's machines, and what becomes of the folders there. */
export class Places {
  readonly #world: World;
  list: Place[];
  /** Of folders whose members were removed. */
  readonly removedNonces: string[] = [];
  /** Members that will never take part again, their folder being gone or damaged, and since when. */
  readonly #lost = new Map<number, number>();
  #numbers: number;

  constructor(world: World) {
    this.#world = world;
    this.list = world.cluster.members.map((member) => {
      const place = new Place(member.place);
      place.member = member;
      return place;
    });
    this.#numbers = this.list.length;
  }

  get wanted(): Place[] {
    return this.list.filter(({ wanted }) => wanted);
  }

  get lost(): { has(id: number): boolean } {
    return this.#lost;
  }

  get lastLossMs(): number {
    return Math.max(-Infinity, ...this.#lost.values());
  }

  /** Whether one more voter may be lost for good: whatever configuration comes to be in force, the others are a majority. */
  get mayLoseOne(): boolean {
    const { checks, supervisors } = this.#world;
    const { voters, votersOutgoing } = checks.membership.current.confState;
    if (votersOutgoing.length > 0 || checks.logs.changePending()) return false;
    if (supervisors.some(({ changing }) => changing)) return false;
    const { lost } = this;
    return 2 * (voters.filter((id) => lost.has(id)).length + 1) < voters.length;
  }

  /** Every machine is a voter, and nobody else is a member. */
  get whole(): boolean {
    const { members, confState } = this.#world.checks.membership.current;
    const { wanted } = this;
    return (
      members.length === wanted.length &&
      confState.votersOutgoing.length === 0 &&
      wanted.every(({ member }) => member !== undefined && confState.voters.includes(member.id))
    );
  }

  /** Whether voters without those could go on for ever. */
  survives(voters: readonly number[]): boolean {
    const { lost } = this;
    return hasQuorum([voters], (id) => !lost.has(id));
  }

  /** What is in a member's folder is gone, or not to be believed. */
  lose(id: number): void {
    this.#lost.set(id, this.#world.nowMs);
  }

  /** A new machine with an empty folder. */
  open(): Place {
    const place = new Place(++this.#numbers);
    place.newcomer = this.#world.cluster.prepare(place.number);
    this.list.push(place);
    this.#world.linkClients(place.number);
    this.#world.note(0, `place ${place.number}: a new machine`);
    this.begin(place);
    return place;
  }

  /** What is in the folder there is gone; the machine comes back with an empty one. */
  wipe(place: Place): void {
    const { member, newcomer } = place;
    const machine = member ?? newcomer;
    if (machine === undefined) return;
    this.#world.note(0, `place ${place.number}: its folder is gone, of member ${member?.id ?? 'none yet'}`);
    if (member !== undefined) {
      this.#world.processes.crash(member);
      this.#world.cluster.forget(member);
      this.lose(member.id);
      place.member = undefined;
    }
    newcomer?.kill();
    place.newcomer = this.#world.cluster.prepare(place.number, machine.clock);
  }

  /** Starts the process of an empty folder. */
  begin(place: Place): void {
    const { newcomer } = place;
    if (newcomer === undefined || newcomer.environment !== undefined) return;
    // Those of the record that the cluster began with, and whoever else is there.
    const { members } = this.#world.cluster.membership;
    const asked = new Set([...members.map(({ id }) => id), ...this.list.map(({ number }) => number)]);
    asked.delete(place.number);
    newcomer.start([...asked]).then(
      ({ memberId }) => this.#joined(place, newcomer, memberId),
      (error: unknown) => this.#refused(place, newcomer, error),
    );
  }

  /** A member knows, or was told, that it was removed: its process ends. */
  ended(member: SimulatedMember): void {
    const { checks, cluster, processes } = this.#world;
    if (member.life === undefined) return;
    checks.membership.ended(member.id, isRemoved(member.life.state.membership!, member.id));
    this.#world.count('removed members that ended');
    processes.kill(member);
    cluster.forget(member);
    const place = this.list.find((each) => each.member === member);
    if (place === undefined) return;
    place.member = undefined;
    this.drop(place);
  }

  /** Removed members that do not know it: where all that they know are gone, somebody has to end them (docs/open-ends.md). */
  dismissUntold(): void {
    const { members } = this.#world.checks.membership.current;
    for (const place of this.wanted) {
      const { member } = place;
      if (member === undefined || members.some(({ id }) => id === member.id)) continue;
      this.#world.count('removed members ended by hand');
      this.drop(place);
    }
  }

  /** The cluster needs nothing of this place any more. A process that does not know it yet may go on there. */
  drop(place: Place): void {
    const { random, cluster, processes, checks } = this.#world;
    const { nonce } = place;
    // It may never have been a member.
    if (nonce !== undefined && checks.membership.current.removedNonces.includes(nonce))
      this.removedNonces.push(nonce);
    this.list = this.list.filter((each) => each !== place);
    place.newcomer?.kill();
    const { member } = place;
    if (member === undefined || random.chance(0.5)) return;
    cluster.queue.after(random.exponential(random.pick(STOPPED_MS)), () => {
      processes.kill(member);
      cluster.forget(member);
    });
  }

  #joined(place: Place, newcomer: SimulatedNewcomer, id: number): void {
    const { cluster, processes, checks, plan } = this.#world;
    this.#world.note(0, `place ${place.number}: the folder is member ${id}`);
    checks.membership.told(newcomer.nonce, id);
    if (this.#world.violated) return;
    const member = cluster.adopt(newcomer, id);
    member.pace = { ...plan.environment.disk };
    member.busyMs = plan.environment.busyMs;
    member.housekeeping = plan.environment.housekeeping;
    place.newcomer = undefined;
    place.member = member;
    processes.start(member);
  }

  #refused(place: Place, newcomer: SimulatedNewcomer, error: unknown): void {
    const { removedNonces } = this.#world.checks.membership.current;
    const rightly = removedNonces.includes(newcomer.nonce);
    if (!(error instanceof RefusedStart) || error.reason !== 'removed' || !rightly) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#world.report('an empty folder waits to be added', `place ${place.number}: ${text}`);
      return;
    }
    this.#world.note(0, `place ${place.number}: the folder was removed`);
    newcomer.kill();
    if (!place.wanted) return;
    this.wipe(place);
    this.begin(place);
  }
}
