import type { TraceEvent } from '../world/trace.js';
import type { Outcome } from '../world/world.js';
import type { RunOptions } from './options.js';

const PROGRESS_MS = 5000;
const HOUR_MS = 3_600_000;

export function eventLine({ atMs, member, what }: TraceEvent): string {
  const who = member === 0 ? 'world' : member >= 1000 ? `client ${member - 999}` : `member ${member}`;
  return `${atMs.toFixed(2).padStart(12)} ms  ${who.padEnd(9)} ${what}`;
}

/** The command that runs one seed of these options again. */
export function replayCommand(seed: number, { steps, seconds, loaded, plan, chaos }: RunOptions): string {
  const settings = [
    steps === undefined ? '' : ` STEPS=${steps}`,
    seconds === undefined ? '' : ` SECONDS=${seconds}`,
    loaded ? ' LOADED=1' : '',
    plan === undefined ? '' : ` PLAN=${plan}`,
    chaos === undefined ? '' : ` CHAOS=${chaos}`,
  ];
  return `make sim SEED=${seed}${settings.join('')}`;
}

/** Adds up outcomes: progress while they come, a story for each failure, the count at the end. */
export class RunReport {
  readonly #options: RunOptions;
  readonly #began = performance.now();
  readonly #tally: Record<string, number> = {};
  #told = performance.now();
  #passed = 0;
  #failed = 0;
  #simulatedMs = 0;
  #steps = 0;
  #operations = 0;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  add(outcome: Outcome): void {
    this.#simulatedMs += outcome.simulatedMs;
    this.#steps += outcome.steps;
    this.#operations += outcome.operations.done;
    for (const [what, count] of Object.entries(outcome.tally))
      this.#tally[what] = (this.#tally[what] ?? 0) + count;
    if (outcome.violation === undefined) this.#passed++;
    else this.#failure(outcome);
    if (performance.now() - this.#told < PROGRESS_MS) return;
    this.#told = performance.now();
    console.error(
      `${this.#passed + this.#failed} of ${this.#options.seeds} seeds, ${this.#failed} failed; ${this.#speed()}`,
    );
  }

  /** The count, as continuous integration adds it up. */
  get count(): { readonly passed: number; readonly failed: number } {
    return { passed: this.#passed, failed: this.#failed };
  }

  end(): void {
    const wallMs = performance.now() - this.#began;
    console.error(
      `${this.#speed()}, ${this.#operations} operations, ${this.#steps} steps in ${(wallMs / 1000).toFixed(1)} s`,
    );
    const happened = Object.entries(this.#tally).sort(([a], [b]) => (a < b ? -1 : 1));
    console.error(happened.map(([what, count]) => `${what} ${count}`).join(', '));
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
  }

  #speed(): string {
    const wallMs = performance.now() - this.#began;
    const ratio = this.#simulatedMs / wallMs;
    const each = (ratio / this.#options.workers).toFixed(1);
    return `${(this.#simulatedMs / HOUR_MS).toFixed(2)} simulated hours, ${ratio.toFixed(1)} an hour (${each} a worker)`;
  }

  #failure({ seed, violation, steps, simulatedMs, newest, traceHash }: Outcome): void {
    this.#failed++;
    const { invariant, seen, members } = violation!;
    const replay = replayCommand(seed, this.#options);
    console.error(`\nseed ${seed}, step ${steps}: ${invariant}\n  ${seen}\n`);
    for (const event of newest) console.error(eventLine(event));
    console.error(`\nreplay: ${replay}\n`);
    console.log(
      JSON.stringify({ seed, step: steps, invariant, seen, members, simulatedMs, traceHash, replay }),
    );
  }
}
