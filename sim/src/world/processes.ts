import { LogError, type SimulatedMember } from '@aegis/replica/sim';

import type { World } from './world.js';

/** Until somebody replaces a damaged replica, on average. */
const REPLACED_MS = 3000;

/** Starts, ends and pauses the processes of replicas, and knows which ends were to be expected. */
export class Processes {
  readonly #world: World;
  /** Disks on which something was spoilt that a start must refuse. */
  readonly #spoilt = new Set<number>();
  /** Disks that fail, or are full: their processes may end. */
  readonly #troubled = new Set<number>();
  readonly #refused = new Set<number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Members that can run: all but those that rightly refused to start. */
  get sound(): SimulatedMember[] {
    return this.#world.cluster.members.filter(({ id }) => !this.#refused.has(id) && !this.#spoilt.has(id));
  }

  /** Members on whose disk something was spoilt, whether they have tried to start since or not. */
  get damaged(): ReadonlySet<number> {
    return this.#spoilt;
  }

  troubled(member: SimulatedMember): void {
    this.#troubled.add(member.id);
  }

  /** What is on its disk must not be believed: the next start has to refuse. */
  spoil(member: SimulatedMember): void {
    this.#spoilt.add(member.id);
    this.#world.places.lose(member.id);
  }

  start(member: SimulatedMember): void {
    const { id } = member;
    if (member.environment !== undefined || this.#refused.has(id)) return;
    // Its folder is gone, or it was removed.
    if (!this.#world.cluster.members.includes(member)) return;
    this.#world.note(id, 'starts');
    this.#world.cluster.boot(member).then(
      (life) => {
        if (this.#spoilt.has(id))
          this.#world.report(
            'damage is refused',
            `member ${id} started on a log that is damaged before a proven batch`,
            [id],
          );
        this.#world.checks.logs.opened(id, life);
        this.#world.note(
          id,
          `runs: log ${life.log.firstIndex()}..${life.log.lastIndex()}, applied ${life.state.appliedIndex}`,
        );
      },
      (error: unknown) => this.#startFailed(member, error),
    );
  }

  /** The machine loses power. */
  crash(member: SimulatedMember): void {
    if (member.environment === undefined) return;
    this.#world.note(member.id, 'loses power');
    this.#world.cluster.crash(member);
    this.#world.checks.elections.forget(member.id);
  }

  kill(member: SimulatedMember): void {
    if (member.environment === undefined) return;
    this.#world.note(member.id, 'is killed');
    this.#world.cluster.kill(member);
    this.#world.checks.elections.forget(member.id);
  }

  pause(member: SimulatedMember): void {
    if (member.environment === undefined || member.environment.paused) return;
    this.#world.note(member.id, 'stands still');
    member.environment.pause();
  }

  resume(member: SimulatedMember): void {
    if (member.environment === undefined || !member.environment.paused) return;
    this.#world.note(member.id, 'goes on');
    this.#world.checks.elections.awake(member.id);
    member.environment.resume();
  }

  /** A process says that it cannot go on. */
  fatal(member: SimulatedMember, error: unknown): void {
    const { id } = member;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (!(error instanceof LogError && this.#troubled.has(id))) {
      this.#world.report('no process ends by itself', `member ${id}: ${text}`, [id]);
      return;
    }
    this.#world.note(id, `ends: ${error.message}`);
    this.#world.count('fatal');
    this.#world.cluster.kill(member);
    this.#world.checks.elections.forget(id);
    this.#world.cluster.queue.after(500, () => this.start(member));
  }

  #startFailed(member: SimulatedMember, error: unknown): void {
    const { id } = member;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (error instanceof LogError && this.#spoilt.has(id)) {
      this.#world.note(id, `refuses to start: ${error.message}`);
      this.#world.count('refused');
      this.#refused.add(id);
      this.#world.cluster.kill(member);
      if (this.#world.changing) this.#replaceLater(member);
      return;
    }
    if (error instanceof LogError && this.#troubled.has(id)) {
      this.#world.note(id, `cannot start yet: ${error.message}`);
      this.#world.cluster.kill(member);
      this.#world.cluster.queue.after(1000, () => this.start(member));
      return;
    }
    this.#world.report('a sound replica starts', `member ${id}: ${text}`, [id]);
  }

  /** Somebody gives the machine an empty folder. */
  #replaceLater(member: SimulatedMember): void {
    const { cluster, random, places } = this.#world;
    cluster.queue.after(random.exponential(REPLACED_MS), () => {
      const place = places.list.find((each) => each.member === member);
      if (place === undefined) return;
      places.wipe(place);
      places.begin(place);
    });
  }
}
