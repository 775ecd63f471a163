import { SPACE_INTERVAL_MS } from '../space/space-keeper.js';

/** It may be that no other member is better off. */
const HAND_OVER_INTERVAL_MS = 5000;

export interface StallActions {
  /** When the write of the log that is under way began, monotonic ms: names it, and nothing more. Undefined: there is none. */
  writingSince(): number | undefined;
  /** Whether it leads, and the others have committed what is not on its own disk. */
  leftBehind(): boolean;
  /** Asks a member that can still write to lead. */
  handOver(): void;
}

/**
 * A leader whose own log does not come to its disk, because there is no room or no sync returns, commits with the others'
 * disks and applies nothing: nobody is answered, and no lease ends. Heartbeats go on, so that nobody else would end it.
 * It hands over once one write took as long as followers wait for a leader that says nothing; where theirs take as long, nobody
 * would do better.
 *
 * Time is counted in ticks: those of a process that stood still itself say nothing about its disk.
 */
export class StallWatch {
  readonly #ticksMax: number;
  readonly #actions: StallActions;
  #write: number | undefined;
  #ticks = 0;

  constructor(electionTimeoutMs: number, actions: StallActions) {
    this.#ticksMax = Math.ceil(electionTimeoutMs / SPACE_INTERVAL_MS);
    this.#actions = actions;
  }

  /** Called every SPACE_INTERVAL_MS. */
  tick(): void {
    const write = this.#actions.writingSince();
    this.#ticks = write !== undefined && write === this.#write ? this.#ticks + 1 : 0;
    this.#write = write;
    const late = this.#ticks - this.#ticksMax;
    if (late < 0 || late % (HAND_OVER_INTERVAL_MS / SPACE_INTERVAL_MS) !== 0) return;
    if (this.#actions.leftBehind()) this.#actions.handOver();
  }
}
