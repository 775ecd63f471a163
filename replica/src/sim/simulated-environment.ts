import type { Environment, Timer } from '../server/driver/environment.js';
import type { EventQueue } from './event-queue.js';
import { MachineClock } from './machine-clock.js';
import type { Random } from './random.js';

/** Less than this is rounding, in milliseconds. */
const SETTLED_MS = 1e-6;

/** The clocks and turns of one simulated process; they end with it. */
export class SimulatedEnvironment implements Environment {
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #clocks: MachineClock;
  #dead = false;
  /** Turns and timers that came due while the process stood still run when it goes on. */
  #paused = false;
  #held: (() => void)[] = [];
  /** What arrived while the process worked, in order: it runs when that work is done. */
  #backlog: (() => void)[] = [];
  /** How long the process works between two looks at its clock. */
  busyMs = 0;
  /** When it came to stand still. */
  #pausedAtMs = 0;
  /** The longest time that it stood still or worked on one thing, since somebody asked. */
  #longestMs = 0;
  #workedInAllMs = 0;
  /** The last look. Ahead of the machine's clock by what the process has worked in this turn. */
  #clock = 0;

  constructor(queue: EventQueue, random: Random, clocks = new MachineClock(queue)) {
    this.#queue = queue;
    this.#random = random;
    this.#clocks = clocks;
  }

  get alive(): boolean {
    return !this.#dead;
  }

  get paused(): boolean {
    return this.#paused;
  }

  monotonicMs(): number {
    const now = this.#clocks.monotonicMs();
    if (this.busyMs === 0 && this.#clock <= now) return (this.#clock = now);
    this.#clock = Math.max(now, this.#clock + this.busyMs);
    this.#workedInAllMs += this.busyMs;
    if (this.#clock - now > this.#longestMs) this.#longestMs = this.#clock - now;
    return this.#clock;
  }

  wallMs(): number {
    return this.#clocks.wallMs();
  }

  randomInt(n: number): number {
    return this.#random.below(n);
  }

  endOfTurn(task: () => void): void {
    this.#queue.after(this.workedMs + 0.01, () => this.run(task));
  }

  afterSocketRound(task: () => void): void {
    this.#queue.after(this.workedMs + 0.02, () => this.run(task));
  }

  every(ms: number, task: () => void): Timer {
    let stopped = false;
    let waiting = false;
    const due = (): void => {
      waiting = false;
      if (!stopped) task();
    };
    const again = (): void => {
      this.#queue.after(this.#clocks.trueMs(ms), () => {
        if (stopped || this.#dead) return;
        // Those that come due while one still waits are that one.
        if (!waiting && !this.#paused) {
          waiting = true;
          this.run(due);
        }
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

  /** Runs a task of this process, unless it is dead: at once, or after the work at hand, or when it goes on. */
  run(task: () => void): void {
    if (this.#dead) return;
    if (this.#paused) this.#held.push(task);
    else if (this.#backlog.length > 0) this.#backlog.push(task);
    else if (this.workedMs < SETTLED_MS) task();
    else {
      this.#backlog.push(task);
      this.#workOff();
    }
  }

  /** For how long, in true time, the process is still at the work of this turn: what it sends leaves after that. */
  get workedMs(): number {
    return this.#clock === 0 ? 0 : Math.max(0, this.#clocks.trueMs(this.#clock - this.#clocks.monotonicMs()));
  }

  #workOff(): void {
    this.#queue.after(this.workedMs, () => {
      if (this.#dead || this.#paused) return;
      while (this.#backlog.length > 0) {
        if (this.workedMs >= SETTLED_MS) {
          this.#workOff();
          return;
        }
        this.#backlog.shift()!();
      }
    });
  }

  pause(): void {
    this.#paused = true;
    this.#pausedAtMs = this.#clocks.monotonicMs();
  }

  /** The longest time that the process stood still or worked on one thing since this was asked last, and all of its work, in milliseconds. */
  takeWork(): { readonly longestMs: number; readonly workedMs: number } {
    const longestMs = this.#longestMs;
    this.#longestMs = 0;
    return { longestMs, workedMs: this.#workedInAllMs };
  }

  /** What was held runs as turns of its own, at once. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#longestMs = Math.max(this.#longestMs, this.#clocks.monotonicMs() - this.#pausedAtMs);
    const held = [...this.#backlog, ...this.#held];
    this.#backlog = [];
    this.#held = [];
    for (const task of held) this.#queue.after(0, () => this.run(task));
  }

  kill(): void {
    this.#dead = true;
    this.#held = [];
    this.#backlog = [];
  }
}
