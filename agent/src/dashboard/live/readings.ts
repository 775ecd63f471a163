import { derive } from '../../telemetry/derive.js';
import type { Derivation } from '../../telemetry/features.js';
import type { Reading, Value } from '../../telemetry/index.js';

/** What is live is told over so long; what is lost, over longer, for probes go once a second. */
const NOW_MS = 5_000;
export const KEPT_MS = 20_000;

const STARTED = 'aegis_process_start_time_seconds';

/** The readings of one replica over the last seconds. */
export class Readings {
  #kept: { readonly at: number; readonly reading: Reading }[] = [];
  /** Why the newest look brought none; null: it did. */
  missing: string | null = 'not asked yet';

  /** @param at monotonic milliseconds */
  add(at: number, reading: Reading): void {
    const started = this.newest?.values[STARTED];
    // A process that was started anew counts from zero: what was before is no part of it.
    if (started !== undefined && started !== reading.values[STARTED]) this.#kept = [];
    this.#kept.push({ at, reading });
    this.#kept = this.#kept.filter((each) => each.at >= at - KEPT_MS);
    this.missing = null;
  }

  /** It did not answer: what it told before is no news any more. */
  none(why: string): void {
    this.missing = why;
    this.#kept = [];
  }

  get newest(): Reading | undefined {
    return this.#kept.at(-1)?.reading;
  }

  /** A gauge as it stands, or null. */
  stands(metric: string): number | null {
    const value = this.newest?.values[metric];
    return typeof value === 'number' ? value : null;
  }

  /** What became of a metric over the last seconds, or null. */
  over(metric: string, how: Derivation, overMs = NOW_MS): number | null {
    return this.#derived(({ values }) => values[metric], how, overMs);
  }

  overLink(to: string, metric: string, how: Derivation, overMs = NOW_MS): number | null {
    return this.#derived(({ links }) => links[to]?.[metric], how, overMs);
  }

  #derived(pick: (reading: Reading) => Value | undefined, how: Derivation, overMs: number): number | null {
    const newest = this.#kept.at(-1);
    if (newest === undefined) return null;
    const since = this.#kept.find(({ at }) => at >= newest.at - overMs);
    if (how !== 'stands' && (since === undefined || since === newest)) return null;
    const seconds = since === undefined ? 0 : (newest.at - since.at) / 1_000;
    const before = since === undefined ? undefined : pick(since.reading);
    const value = derive(how, { before, now: pick(newest.reading), seconds, anew: false });
    return Number.isFinite(value) ? value : null;
  }

  /** For how long it has been heard of without a gap, milliseconds. */
  get spanMs(): number {
    return this.#kept.length < 2 ? 0 : this.#kept.at(-1)!.at - this.#kept[0]!.at;
  }
}
