import {
  SOUND_CLOCK,
  SOUND_LINK,
  SOUND_SYNC,
  type ClockFault,
  type LinkFault,
  type SyncFault,
} from './faults.js';

/** One line of the control channel. A fault that is set replaces the one before it; fields left out are sound. */
export type Order =
  | ({ readonly fault: 'link'; readonly to: number } & LinkFault)
  | ({ readonly fault: 'fsync' } & SyncFault)
  | { readonly fault: 'disk'; readonly full: boolean }
  | ({ readonly fault: 'clock' } & ClockFault)
  /** Added to the offset that the wall clock has. */
  | { readonly fault: 'jump'; readonly ms: number }
  /** The event loop stands still, once. */
  | { readonly fault: 'stall'; readonly ms: number }
  /** Short-lived objects that the process allocates besides. */
  | { readonly fault: 'garbage'; readonly mbPerSecond: number }
  /** All of them end. */
  | { readonly fault: 'none' }
  | { readonly fault: 'show' };

/** Says what is wrong with an order, and what would be right. */
export class BadOrder extends Error {
  override readonly name = 'BadOrder';
}

type Field = number | boolean;
interface Bounds {
  readonly min: number;
  readonly max: number;
}

const DAY_MS = 86_400_000;
const TEN_MINUTES_MS = 600_000;

/** The fields of each order: a boolean's default, or the bounds of a number. */
const FIELDS: Readonly<Record<Order['fault'], Readonly<Record<string, boolean | Bounds>>>> = {
  link: {
    to: { min: 1, max: Number.MAX_SAFE_INTEGER },
    cut: false,
    delayMs: { min: 0, max: 60_000 },
    jitterMs: { min: 0, max: 60_000 },
    lossPercent: { min: 0, max: 100 },
    bytesPerSecond: { min: 0, max: 1e10 },
  },
  fsync: { slowMs: { min: 0, max: 60_000 }, stalled: false, failing: false },
  disk: { full: false },
  clock: { offsetMs: { min: -365 * DAY_MS, max: 365 * DAY_MS }, driftPpm: { min: -500_000, max: 1_000_000 } },
  jump: { ms: { min: -365 * DAY_MS, max: 365 * DAY_MS } },
  stall: { ms: { min: 0, max: TEN_MINUTES_MS } },
  garbage: { mbPerSecond: { min: 0, max: 4096 } },
  none: {},
  show: {},
};
const KINDS = Object.keys(FIELDS) as Order['fault'][];

/** Reads one line. Throws BadOrder. */
export function parseOrder(line: string): Order {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw new BadOrder('not JSON: write one object a line, for example {"fault":"fsync","slowMs":20}');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new BadOrder('not an object: write for example {"fault":"fsync","slowMs":20}');
  const given = parsed as Record<string, unknown>;
  const fault = KINDS.find((kind) => kind === given['fault']);
  if (fault === undefined)
    throw new BadOrder(`fault: ${JSON.stringify(given['fault'])} is not one of ${KINDS.join(', ')}`);
  const fields = FIELDS[fault];
  for (const name of Object.keys(given)) {
    if (name === 'fault' || Object.hasOwn(fields, name)) continue;
    const known = Object.keys(fields).join(', ') || 'none';
    throw new BadOrder(`${name}: the fault ${fault} has no such field; it has: ${known}`);
  }
  const read = (name: string): Field | undefined => field(name, given[name], fields[name]!);
  switch (fault) {
    case 'link': {
      const to = read('to');
      if (typeof to !== 'number' || !Number.isSafeInteger(to))
        throw new BadOrder('to: name the id of the peer');
      return { fault, to, ...over(SOUND_LINK, read) };
    }
    case 'fsync':
      return { fault, ...over(SOUND_SYNC, read) };
    case 'clock':
      return { fault, ...over(SOUND_CLOCK, read) };
    case 'disk':
      return { fault, ...over({ full: false }, read) };
    case 'jump':
    case 'stall':
      return { fault, ...over({ ms: 0 }, read) };
    case 'garbage':
      return { fault, ...over({ mbPerSecond: 0 }, read) };
    case 'none':
    case 'show':
      return { fault };
  }
}

function over<T extends object>(sound: T, read: (name: string) => Field | undefined): T {
  const set = Object.keys(sound).flatMap((name) => {
    const value = read(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...sound, ...Object.fromEntries(set) } as T;
}

function field(name: string, value: unknown, allowed: boolean | Bounds): Field | undefined {
  if (value === undefined) return undefined;
  if (typeof allowed === 'boolean') {
    if (typeof value === 'boolean') return value;
    throw new BadOrder(`${name}: ${JSON.stringify(value)} is neither true nor false`);
  }
  const { min, max } = allowed;
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw new BadOrder(`${name}: ${JSON.stringify(value)} is not a number from ${min} to ${max}`);
}
