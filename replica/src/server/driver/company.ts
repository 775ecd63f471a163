import type { Environment, Timer } from './environment.js';

/** The time that commands wait for others to go with them: one batch instead of many costs one entry and one write. */
export class Company {
  readonly #environment: Environment;
  readonly #ms: number;
  readonly #over: () => void;
  #timer: Timer | undefined;

  /** `ms`: 0, nobody waits. `over` is called when the time is up. */
  constructor(environment: Environment, ms: number, over: () => void) {
    this.#environment = environment;
    this.#ms = ms;
    this.#over = over;
  }

  /** Whether what is there may still wait. */
  get awaited(): boolean {
    return this.#timer !== undefined;
  }

  /** The first of a batch has come. */
  begin(): void {
    if (this.#ms === 0 || this.awaited) return;
    this.#timer = this.#environment.every(this.#ms, () => {
      this.end();
      this.#over();
    });
  }

  end(): void {
    this.#timer?.stop();
    this.#timer = undefined;
  }
}
