import type { Environment, Timer } from '../server/driver/environment.js';

interface Repeating {
  due: number;
  readonly ms: number;
  readonly task: () => void;
  stopped: boolean;
}

/** A world whose clocks and turns move only when told. Deterministic: tasks run in the order in which they were given. */
export class ManualEnvironment implements Environment {
  #monotonic: number;
  #wall: number;
  #seed: number;
  #turn: (() => void)[] = [];
  #timers: Repeating[] = [];

  constructor(start: { monotonicMs?: number; wallMs?: number; seed?: number } = {}) {
    this.#monotonic = start.monotonicMs ?? 0;
    this.#wall = start.wallMs ?? 1_700_000_000_000;
    this.#seed = start.seed ?? 1;
  }

  monotonicMs(): number {
    return this.#monotonic;
  }

  wallMs(): number {
    return this.#wall;
  }

  /** mulberry32 */
  randomInt(n: number): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  endOfTurn(task: () => void): void {
    this.#turn.push(task);
  }

  afterSocketRound(task: () => void): void {
    this.#turn.push(() => this.#turn.push(task));
  }

  every(ms: number, task: () => void): Timer {
    const timer = { due: this.#monotonic + ms, ms, task, stopped: false };
    this.#timers.push(timer);
    return { stop: () => (timer.stopped = true) };
  }

  /** Ends the turn: runs what waits for its end, and what that asks for, until nothing does. */
  settle(): void {
    for (let task = this.#turn.shift(); task !== undefined; task = this.#turn.shift()) task();
  }

  /** Moves both clocks on, running timers on the way. */
  advance(ms: number): void {
    const end = this.#monotonic + ms;
    for (;;) {
      this.settle();
      this.#timers = this.#timers.filter((timer) => !timer.stopped);
      const next = this.#timers.reduce<Repeating | undefined>(
        (first, timer) =>
          timer.due <= end && (first === undefined || timer.due < first.due) ? timer : first,
        undefined,
      );
      if (next === undefined) break;
      this.#moveTo(next.due);
      next.due += next.ms;
      next.task();
    }
    this.#moveTo(end);
  }

  /** Lets the wall clock alone jump. */
  jumpWall(ms: number): void {
    this.#wall += ms;
  }

  #moveTo(monotonic: number): void {
    this.#wall += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }
}
