import type { Environment, Timer } from '../server/driver/environment.js';
import type { EventQueue } from './event-queue.js';
import { MachineClock } from './machine-clock.js';
import type { Random } from './random.js';

/** The clocks and turns of one simulated process; they end with it. */
export class SimulatedEnvironment implements Environment {
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #clocks: MachineClock;
  #dead = false;
  /** Turns and timers that came due while the process stood still run when it goes on. */
  #paused = false;
  #held: (() => void)[] = [];
  /** How long the process works between two looks at its clock. */
  busyMs = 0;
  /** The last look. Ahead of the machine's clock by what the process has worked in this turn. */
  #clock = 0;

  constructor(queue: EventQueue, random: Random, clocks = new MachineClock(queue)) {
    this.#queue = queue;
    this.#random = random;
    this.#clocks = clocks;
  }

  get paused(): boolean {
    return this.#paused;
  }

  monotonicMs(): number {
    this.#clock = Math.max(this.#clocks.monotonicMs(), this.#clock + this.busyMs);
    return this.#clock;
  }

  wallMs(): number {
    return this.#clocks.wallMs();
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
      this.#queue.after(this.#clocks.trueMs(ms), () => {
        if (stopped || this.#dead) return;
        this.run(task, false);
        again();
      });
    };
    again();
    return { stop: () => (stopped = true) };
  }

  /** Runs `task` once, that much later by the machine's own clock. */
  once(ms: number, task: () => void): Timer {
    let stopped = false;
    const unlessStopped = (): void => {
      if (!stopped) task();
    };
    this.#queue.after(this.#clocks.trueMs(ms), () => this.run(unlessStopped));
    return { stop: () => (stopped = true) };
  }

  /** Resolves that much later of true time, within this process. */
  later(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#queue.after(ms, () => this.run(resolve));
    });
  }

  /** Runs a task of this process, unless it is dead; while paused it waits, or, if it need not happen, is missed. */
  run(task: () => void, keep = true): void {
    if (this.#dead) return;
    if (!this.#paused) task();
    else if (keep) this.#held.push(task);
  }

  #workedMs(): number {
    return Math.max(0, this.#clock - this.#clocks.monotonicMs());
  }

  pause(): void {
    this.#paused = true;
  }

  /** What was held runs as turns of its own, at once. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    const held = this.#held;
    this.#held = [];
    for (const task of held) this.#queue.after(0, () => this.run(task));
  }

  kill(): void {
    this.#dead = true;
    this.#held = [];
  }
}
