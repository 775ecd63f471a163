import type { Report } from './verdict.js';

/** One operation on a register, as its client saw it. Moments only have to be in order. */
export interface Operation {
  readonly kind: 'read' | 'write';
  /** Written, or read. Undefined: read while there was nothing. Values are written once. */
  readonly value: string | undefined;
  readonly began: number;
  /** Infinity: nobody knows whether it took effect. */
  ended: number;
  /** It certainly had no effect. */
  refused?: boolean;
}

interface Cluster {
  written: Operation | undefined;
  /** The first end and the last beginning of all operations on this value. */
  firstEnd: number;
  lastBegin: number;
}

interface Zone {
  readonly value: string | undefined;
  readonly from: number;
  readonly to: number;
}

/**
 * Linearizability of registers, each by itself, from what clients saw alone. Since every value is written once, each read names
 * its write, and the test is exact and fast: no two values may have to be current at the same moment, and none may have been
 * read wholly within the time in which another had to be (Gibbons and Korach, Testing Shared Memories, 1997).
 */
export class RegisterCheck {
  readonly #report: Report;
  readonly #operations = new Map<string, Operation[]>();
  count = 0;

  constructor(report: Report) {
    this.#report = report;
  }

  add(key: string, operation: Operation): void {
    const all = this.#operations.get(key) ?? [];
    this.#operations.set(key, all);
    all.push(operation);
    this.count++;
  }

  full(): void {
    for (const [key, operations] of this.#operations) {
      const wrong = whyNotLinearizable(operations);
      if (wrong !== undefined) this.#report('linearizability', `register ${key}: ${wrong}`);
    }
  }
}

/** Undefined: it is linearizable. */
export function whyNotLinearizable(operations: readonly Operation[]): string | undefined {
  const clusters = new Map<string | undefined, Cluster>();
  const beginning: Operation = { kind: 'write', value: undefined, began: -Infinity, ended: -Infinity };
  for (const operation of [beginning, ...operations]) {
    const { value, kind, began, ended } = operation;
    if (operation.refused === true) continue;
    let cluster = clusters.get(value);
    if (cluster === undefined) {
      cluster = { written: undefined, firstEnd: Infinity, lastBegin: -Infinity };
      clusters.set(value, cluster);
    }
    if (kind === 'write') cluster.written = operation;
    else if (ended === Infinity) continue;
    cluster.firstEnd = Math.min(cluster.firstEnd, ended);
    cluster.lastBegin = Math.max(cluster.lastBegin, began);
  }
  const forward: Zone[] = [];
  const backward: Zone[] = [];
  for (const [value, { written, firstEnd, lastBegin }] of clusters) {
    if (written === undefined) return `${value} was read, and nobody wrote it`;
    if (firstEnd < written.began) return `${value} was read before it was written`;
    if (firstEnd === Infinity) continue;
    if (firstEnd < lastBegin) forward.push({ value, from: firstEnd, to: lastBegin });
    else backward.push({ value, from: lastBegin, to: firstEnd });
  }
  forward.sort((a, b) => a.from - b.from);
  for (let at = 1; at < forward.length; at++) {
    const [a, b] = [forward[at - 1]!, forward[at]!];
    if (b.from < a.to) return `${name(a)} and ${name(b)} were both current at one moment`;
  }
  for (const zone of backward) {
    const around = lastNotAfter(forward, zone.from);
    if (around !== undefined && zone.to < around.to)
      return `${name(zone)} was written and read only while ${name(around)} was current`;
  }
  return undefined;
}

/** The last zone that begins before this moment. */
function lastNotAfter(zones: readonly Zone[], moment: number): Zone | undefined {
  let low = 0;
  let high = zones.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (zones[middle]!.from < moment) low = middle + 1;
    else high = middle;
  }
  return zones[low - 1];
}

function name({ value }: Zone): string {
  return value === undefined ? 'nothing' : value;
}
