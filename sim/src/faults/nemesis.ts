import type { FaultKind, FaultPlan } from '../plan/plan.js';
import type { World } from '../world/world.js';
import { clientCut, clientKill, clientOutage, clientPause } from './clients.js';
import { clockDrift, clockJump } from './clocks.js';
import { failingDisk, fullDisk, rot, slowDisk } from './disks.js';
import { deadlyVotes, laggard, shortTerms } from './elections.js';
import type { Fault } from './fault.js';
import { grow, replace, shrink, wipe } from './membership.js';
import { flap, isolate, lossyLink, oneWay, overtaking, partition, slowLink } from './network.js';
import { deadlyInstalls } from './snapshots.js';
import { crash, crashAll, kill, pause, settings, stall, transfer } from './processes.js';

const FAULTS: Readonly<Record<FaultKind, Fault>> = {
  crash,
  crashAll,
  kill,
  pause,
  stall,
  isolate,
  partition,
  oneWay,
  flap,
  slowLink,
  lossyLink,
  overtaking,
  slowDisk,
  failingDisk,
  fullDisk,
  rot,
  clockJump,
  clockDrift,
  transfer,
  settings,
  laggard,
  shortTerms,
  deadlyVotes,
  deadlyInstalls,
  clientKill,
  clientPause,
  clientCut,
  clientOutage,
  wipe,
  grow,
  shrink,
  replace,
};

/** Lets the faults of a plan happen at random moments, and undoes them. */
export class Nemesis {
  readonly #world: World;
  readonly #undo = new Set<() => void>();
  #over = false;

  constructor(world: World) {
    this.#world = world;
  }

  begin(): void {
    for (const fault of this.#world.plan.faults) this.#schedule(fault);
  }

  /** No more faults; those under way are undone. */
  end(): void {
    this.#over = true;
    for (const undo of [...this.#undo]) undo();
  }

  #schedule(plan: FaultPlan): void {
    const { queue } = this.#world.cluster;
    queue.after(this.#world.random.exponential(plan.everyMs), () => {
      if (this.#over) return;
      this.#strike(plan);
      this.#schedule(plan);
    });
  }

  #strike({ kind, lastMs }: FaultPlan): void {
    this.#world.count(`fault ${kind}`);
    const undo = FAULTS[kind](this.#world);
    if (undo === undefined) return;
    const once = (): void => {
      if (this.#undo.delete(once)) undo();
    };
    this.#undo.add(once);
    this.#world.cluster.queue.after(this.#world.random.exponential(lastMs), once);
  }
}
