import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** A bound of time was missed: what was seen is right but for that. */
export class MissedBound extends Error {}

export function expectBound(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new MissedBound(otherwise);
}

/** From this share of the time on in which something waited for a processor, the machine counts as busy. */
const BUSY_SHARE = 0.5;

/** How busy this machine is while a case runs: the kernel's measure of waiting for a processor, or the load where there is none. */
export class HostPressure {
  readonly #sinceMs = performance.now();
  readonly #waited = waitedMs();

  /** Undefined: not busy; else how busy, for people. */
  busy(): string | undefined {
    const waited = waitedMs();
    const load = Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
    const cores = availableParallelism();
    const about = `a load of ${load} on ${cores} cores`;
    if (waited === undefined || this.#waited === undefined) return load > 2 * cores ? about : undefined;
    const share = (waited - this.#waited) / (performance.now() - this.#sinceMs);
    if (share < BUSY_SHARE) return undefined;
    return `something waited for a processor ${Math.round(share * 100)} % of the time, ${about}`;
  }
}

/** For how long something that could have run had no processor, in milliseconds since the start; undefined: the kernel does not tell. */
function waitedMs(): number | undefined {
  try {
    const [, total] = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8')) ?? [];
    return total === undefined ? undefined : Number(total) / 1000;
  } catch {
    return undefined;
  }
}
