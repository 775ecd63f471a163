import { expect, test } from '@jest/globals';
import { SimulatedDisk } from './disk-simulated.js';
import { isNoSpace, LogError } from './errors.js';
import type { Log } from './log.js';
import { openOn, seeded, settled, SMALL_SEGMENT_BYTES } from './log-fixture.js';
import {
  afterAppend,
  afterCompaction,
  EMPTY_MODEL,
  lastIndexOf,
  modelOf,
  randomBatch,
  textOfModel,
  type LogModel,
} from './log-model.js';

/**
 * One replica's log in a world where any disk operation may be the last before the power goes, the process dies or the
 * disk fails. After each start the log must be exactly what was acknowledged, or that with the write in flight on
 * top, whole; and what one start believed, every later start must believe.
 */
class CrashRun {
  readonly #random: () => number;
  readonly #disk: SimulatedDisk;
  readonly #waiting: (() => void)[] = [];
  /** Exactly what the log must hold, if nothing is in flight. */
  #model: LogModel = EMPTY_MODEL;
  /** What is in flight, as changes that may or may not have happened. */
  #inFlight: ((model: LogModel) => LogModel)[] = [];
  #life = 0;
  starts = 0;
  appends = 0;
  tornTails = 0;

  constructor(seed: number) {
    this.#random = seeded(seed);
    const delay = (): Promise<void> => new Promise((resolve) => this.#waiting.push(resolve));
    this.#disk = new SimulatedDisk({ random: this.#random, delay });
  }

  async run(steps: number): Promise<void> {
    this.#start();
    for (let step = 0; step < steps; step++) {
      await settled();
      this.#maybeFault();
      const next = Math.floor(this.#random() * this.#waiting.length);
      this.#waiting.splice(next, 1)[0]?.();
    }
  }

  #maybeFault(): void {
    const chance = this.#random();
    if (chance < 0.01) this.#restart(() => this.#disk.crash());
    else if (chance < 0.015) this.#restart(() => this.#disk.killProcess());
    else if (chance < 0.02) this.#disk.failNext(this.#random() < 0.8 ? 'write' : 'syncDirectory');
    else if (chance < 0.03)
      this.#disk.capacityBytes = this.#random() < 0.5 ? 3.5 * SMALL_SEGMENT_BYTES : Infinity;
  }

  #restart(stop: () => void): void {
    this.#life++;
    stop();
    // Of the old life's operations, none ends any more.
    this.#waiting.splice(0);
    this.#start();
  }

  #start(): void {
    const life = this.#life;
    void this.#live(life).catch((error: unknown) => {
      if (life !== this.#life) return;
      if (!(error instanceof LogError) || !['IO_FAILED', 'POISONED', 'NO_SPACE'].includes(error.code)) {
        this.failure ??= error;
        return;
      }
      this.#restart(() => this.#disk.killProcess());
    });
  }

  /** What broke a rule, if anything did. */
  failure: unknown;

  async #live(life: number): Promise<void> {
    const { log, report } = await openOn(this.#disk, { recentBytesMax: Math.floor(this.#random() * 20_000) });
    this.starts++;
    if (report.tornTail) this.tornTails++;
    this.#believe(log);
    const compacting = this.#compactAgainAndAgain(life, log);
    while (life === this.#life) {
      const batch = randomBatch(this.#model, this.#random);
      await this.#attempt(
        () => log.append(batch),
        (model) => afterAppend(model, batch),
      );
      this.appends++;
      this.#expectPossible(modelOf(log));
    }
    await compacting;
  }

  async #compactAgainAndAgain(life: number, log: Log): Promise<void> {
    while (life === this.#life && this.#random() < 0.7) {
      await settled();
      const { hardState } = this.#model;
      const toIndex = Math.min(hardState.commit, lastIndexOf(this.#model));
      await this.#attempt(
        () => log.compact(toIndex),
        (model) => afterCompaction(model, toIndex),
      ).catch(() => {});
    }
  }

  async #attempt(write: () => Promise<void>, change: (model: LogModel) => LogModel): Promise<void> {
    this.#inFlight.push(change);
    try {
      await write();
      this.#model = change(this.#model);
    } catch (error) {
      if (!isNoSpace(error)) throw error;
      // A definite refusal: the batch may not turn up later.
    }
    this.#inFlight.splice(this.#inFlight.indexOf(change), 1);
  }

  #believe(log: Log): void {
    const seen = modelOf(log);
    this.#expectPossible(seen);
    this.#inFlight = [];
    this.#model = seen;
  }

  #expectPossible(seen: LogModel): void {
    let possible = [this.#model];
    for (const change of this.#inFlight) possible = [...possible, ...possible.map(change)];
    expect(possible.map(textOfModel)).toContain(textOfModel(seen));
  }
}

test('what was acknowledged survives, nothing torn is believed, what was believed stays', async () => {
  let starts = 0;
  let appends = 0;
  let tornTails = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const run = new CrashRun(seed);
    await run.run(600);
    if (run.failure !== undefined) throw new Error(`seed ${seed}`, { cause: run.failure });
    starts += run.starts;
    appends += run.appends;
    tornTails += run.tornTails;
  }
  // The test tests something only if all of this happened.
  expect(starts).toBeGreaterThan(600);
  expect(appends).toBeGreaterThan(15_000);
  expect(tornTails).toBeGreaterThan(40);
}, 120_000);
