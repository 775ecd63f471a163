import type { Environment, Timer } from '../server/driver/environment.js';
import type { EventQueue } from './event-queue.js';
import type { Random } from './random.js';

/** The clocks and turns of one simulated process; they end with it. */
export class SimulatedEnvironment implements Environment {
  readonly #queue: EventQueue;
  readonly #random: Random;
  #dead = false;
  /** Turns and timers that came due while the process stood still run when it goes on. */
  #paused = false;
  #held: (() => void)[] = [];
  wallOffsetMs = 1_700_000_000_000;
  /** How long the process works between two looks at its clock. */
  busyMs = 0;
  /** The last look. Ahead of the queue's time by what the process has worked in this turn. */
  #clock = 0;

  constructor(queue: EventQueue, random: Random) {
    this.#queue = queue;
    this.#random = random;
  }

  monotonicMs(): number {
    this.#clock = Math.max(this.#queue.nowMs, this.#clock + this.busyMs);
    return this.#clock;
  }

  wallMs(): number {
    return Math.floor(this.#queue.nowMs + this.wallOffsetMs);
  }

  randomInt(n: number): number {
    return this.#random.below(n);
  }

  endOfTurn(task: () => void): void {
    this.#queue.after(this.#workedMs() + 0.01, () => this.run(task));
  }

  afterSocketRound(task: () => void): void {
    this.#queue.after(this.#workedMs() + 0.02, () => this.run(task));
  }

  every(ms: number, task: () => void): Timer {
    let stopped = false;
    const again = (): void => {
      this.#queue.after(ms, () => {
        if (stopped || this.#dead) return;
        this.run(task, false);
        again();
      });
    };
    again();
    return { stop: () => (stopped = true) };
  }

  /** Runs a task of this process, unless it is dead; while paused it waits, or, if it need not happen, is missed. */
  run(task: () => void, keep = true): void {
    if (this.#dead) return;
    if (!this.#paused) task();
    else if (keep) this.#held.push(task);
  }

  #workedMs(): number {
    return Math.max(0, this.#clock - this.#queue.nowMs);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    const held = this.#held;
    this.#held = [];
    for (const task of held) this.run(task);
  }

  kill(): void {
    this.#dead = true;
    this.#held = [];
  }
}
