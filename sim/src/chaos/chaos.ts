import { Cast, Director, timelineOf, type RunResult, type Trace } from '@aegis/client/chaos';

import type { World } from '../world/world.js';
import { SimulatedStage } from './simulated-stage.js';

const MEND_EVERY_MS = 250;
const LOOK_MS = 50;

/** Who played what, and what was done to whom, as `aegis chaos run` tells it of a real cluster. */
export type Acted = Pick<RunResult, 'roles' | 'done'>;

/** Lets a trace of `aegis chaos` happen to a simulated world, at the simulated moments. */
export class Chaos {
  #cast: Cast | undefined;
  #director: Director | undefined;
  #over = false;

  constructor(
    private readonly world: World,
    private readonly trace: Trace,
  ) {}

  get acted(): Acted {
    return { roles: this.#cast?.roles ?? {}, done: this.#director?.done ?? [] };
  }

  /** As soon as somebody leads. */
  begin(): void {
    const { cluster, random } = this.world;
    const [leader] = cluster.leaders();
    if (leader === undefined) {
      cluster.queue.after(LOOK_MS, () => this.begin());
      return;
    }
    const stage = new SimulatedStage(this.world);
    const cast = new Cast(this.trace, stage.members, leader.id, random.fork());
    this.#cast = cast;
    for (const [role, member] of Object.entries(cast.roles)) this.world.note(member, `plays ${role}`);
    const beganMs = this.world.nowMs;
    const director = new Director(
      this.trace,
      stage,
      cast,
      () => this.world.nowMs - beganMs,
      ({ error }) => this.world.count(error === undefined ? 'chaos done' : 'chaos not done'),
    );
    this.#director = director;
    for (const action of timelineOf(this.trace))
      cluster.queue.after(action.atMs, () => {
        if (!this.#over) void director.act(action);
      });
    const mend = (): void => {
      if (this.#over) return;
      void director.mend();
      cluster.queue.after(MEND_EVERY_MS, mend);
    };
    mend();
  }

  /** All of it is undone. */
  end(): void {
    this.#over = true;
    void this.#director?.undo();
  }
}
