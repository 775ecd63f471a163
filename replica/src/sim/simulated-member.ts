import { SimulatedDisk } from '../log/disk-simulated.js';
import { HOUSEKEEPING, type HousekeepingPace } from '../server/housekeeping.js';
import type { ConsensusSettings } from '../settings/index.js';
import type { EventQueue } from './event-queue.js';
import type { Life } from './life.js';
import { MachineClock } from './machine-clock.js';
import type { Random } from './random.js';
import type { SimulatedEnvironment } from './simulated-environment.js';
import { SimulatedStateFolders } from './simulated-state-folders.js';

/** How long one operation of a disk takes, in milliseconds of true time. */
export interface DiskPace {
  msMin: number;
  msMax: number;
  /** Chance that it takes up to `tailMs` longer. */
  tail?: number;
  tailMs?: number;
}

/** How soon what waits for a disk that stands notices that it moves again. */
const STANDING_LOOK_MS = 5;

/** What a folder drew when it was empty: of a first member, its id. */
export function nonceOf(first: number): string {
  return String(first).padStart(32, '0');
}

/** Where a member's folder is, and what names that life of the folder. */
export interface MemberFolder {
  readonly place: number;
  readonly nonce: string;
  readonly clock: MachineClock;
}

/** A machine with a member on it: what outlives the lives of its process. Another folder there is another member. */
export class SimulatedMember {
  readonly disk: SimulatedDisk;
  readonly folders: SimulatedStateFolders;
  readonly clock: MachineClock;
  /** Of the machine, in the network and in its addresses. */
  readonly place: number;
  readonly nonce: string;
  pace: DiskPace = { msMin: 0.1, msMax: 0.5 };
  /** No operation that is asked from now on ends until this is over. */
  diskStands = false;
  /** Of the processes that start from now on. */
  housekeeping: HousekeepingPace = HOUSEKEEPING;
  /** How long the processes that start from now on work between two looks at their clock. */
  busyMs = 0;
  /** It has started once: a log must be there. */
  joined = false;
  life: Life | undefined;
  /** Of the process that starts or runs. */
  environment: SimulatedEnvironment | undefined;

  constructor(
    readonly id: number,
    public settings: ConsensusSettings,
    queue: EventQueue,
    private readonly random: Random,
    folder?: MemberFolder,
  ) {
    const delay = (): Promise<void> =>
      this.diskStands
        ? this.#untilDiskMoves()
        : (this.environment?.later(this.#delayMs()) ?? Promise.resolve());
    this.disk = new SimulatedDisk({ random: random.fraction, delay });
    this.folders = new SimulatedStateFolders(queue, random, delay);
    this.clock = folder?.clock ?? new MachineClock(queue, random.below(3_600_000));
    this.place = folder?.place ?? id;
    this.nonce = folder?.nonce ?? nonceOf(id);
  }

  /** Power is lost: what was not synced may be lost too. */
  crash(): void {
    this.#end();
    this.disk.crash();
    this.folders.crash();
  }

  /** The process dies, the machine lives on: what was written is seen by the next one. */
  kill(): void {
    this.#end();
    this.disk.killProcess();
    this.folders.killProcess();
  }

  #end(): void {
    this.environment?.kill();
    this.environment = undefined;
    this.life = undefined;
  }

  async #untilDiskMoves(): Promise<void> {
    const { environment } = this;
    if (environment === undefined) return;
    while (this.diskStands) await environment.later(STANDING_LOOK_MS);
    await environment.later(this.#delayMs());
  }

  #delayMs(): number {
    const { msMin, msMax, tail = 0, tailMs = 0 } = this.pace;
    const delay = (this.environment?.workedMs ?? 0) + msMin + this.random.fraction() * (msMax - msMin);
    return tail > 0 && this.random.chance(tail) ? delay + this.random.fraction() * tailMs : delay;
  }
}
