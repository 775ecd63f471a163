import type { Bounds, Reader } from './reader.js';
import { GROUPS, type Fault, type FaultEntry, type Load, type LoadEntry } from './trace.js';

const DAY_MS = 86_400_000;
const CLIENTS: Bounds = { min: 1, max: 20_000 };
const VALUE_BYTES: Bounds = { min: 1, max: 1_000_000 };
const TIMES = ['kind', 'at', 'for'];

/** The kinds of faults with the fields of each, beside `at`, `for` and `every`. */
export const FAULT_FIELDS: Readonly<Record<Fault['kind'], readonly string[]>> = {
  kill: ['on'],
  pause: ['on'],
  link: ['from', 'to', 'both', 'cut', 'delayMs', 'jitterMs', 'lossPercent', 'bytesPerSecond'],
  fsync: ['on', 'slowMs', 'stalled'],
  disk: ['on', 'full'],
  cpu: ['on', 'percent'],
  stall: ['on', 'ms'],
  garbage: ['on', 'mbPerSecond'],
  clock: ['on', 'offsetMs', 'driftPpm'],
  jump: ['on', 'ms'],
  transfer: ['to'],
};
const FAULT_KINDS = Object.keys(FAULT_FIELDS) as Fault['kind'][];
/** Those that happen in a moment: there is nothing to be undone. */
const MOMENTS: readonly Fault['kind'][] = ['kill', 'stall', 'jump', 'transfer'];

const LOAD_FIELDS: Readonly<Record<Load['kind'], readonly string[]>> = {
  puts: ['clients', 'perSecond', 'valueBytes', 'keys'],
  gets: ['clients', 'perSecond', 'valueBytes', 'keys'],
  mix: ['clients', 'perSecond', 'valueBytes', 'keys'],
  locks: ['clients', 'perSecond', 'locks', 'hold'],
  leases: ['clients', 'ttl', 'dies'],
  watches: ['clients', 'every', 'valueBytes'],
  connections: ['clients', 'perSecond'],
};
const LOAD_KINDS = Object.keys(LOAD_FIELDS) as Load['kind'][];

/** What a trace says around its entries. */
export interface Setting {
  readonly durationMs: number;
  readonly roles: readonly string[];
}

export function readFault(reader: Reader, setting: Setting): FaultEntry | undefined {
  const kind = reader.choice('kind', FAULT_KINDS);
  if (kind === undefined) return undefined;
  const moment = MOMENTS.includes(kind);
  reader.only([...TIMES.filter((name) => !moment || name !== 'for'), 'every', ...FAULT_FIELDS[kind]]);
  const everyMs = reader.has('every')
    ? reader.duration('every', { min: 100, max: setting.durationMs })
    : undefined;
  const times = { ...readTimes(reader, setting), ...(everyMs === undefined ? {} : { everyMs }) };
  if (everyMs !== undefined && !moment && !(times.forMs !== undefined && times.forMs < everyMs))
    reader.wrong('every', 'a fault that comes again has to be over before: give a shorter `for`.');
  return { ...times, ...readEffect(kind, reader, setting) };
}

function readEffect(kind: Fault['kind'], reader: Reader, setting: Setting): Fault {
  const target = (name: string): string => readTarget(reader, name, setting);
  const on = FAULT_FIELDS[kind].includes('on') ? target('on') : '';
  switch (kind) {
    case 'kill':
    case 'pause':
      return { kind, on };
    case 'link': {
      const from = target('from');
      const to = target('to');
      const state = {
        cut: reader.flag('cut'),
        delayMs: reader.number('delayMs', { min: 0, max: 60_000 }, 0),
        jitterMs: reader.number('jitterMs', { min: 0, max: 60_000 }, 0),
        lossPercent: reader.number('lossPercent', { min: 0, max: 100 }, 0, false),
        bytesPerSecond: reader.number('bytesPerSecond', { min: 0, max: 1e10 }, 0),
      };
      if (!Object.values(state).some(Boolean))
        reader.wrong('kind', 'the link is as it should be: say what is wrong with it.');
      return { kind, from, to, both: reader.flag('both'), ...state };
    }
    case 'fsync': {
      const slowMs = reader.number('slowMs', { min: 0, max: 60_000 }, 0);
      const stalled = reader.flag('stalled');
      if (slowMs === 0 && !stalled) reader.wrong('kind', 'say slowMs, or stalled: true.');
      return { kind, on, slowMs, stalled };
    }
    case 'disk':
      return { kind, on, full: reader.has('full') ? reader.flag('full') : true };
    case 'cpu':
      return { kind, on, percent: reader.number('percent', { min: 1, max: 100 }) };
    case 'stall':
      return { kind, on, ms: reader.number('ms', { min: 1, max: 600_000 }) };
    case 'garbage':
      return { kind, on, mbPerSecond: reader.number('mbPerSecond', { min: 1, max: 4096 }) };
    case 'clock': {
      const offsetMs = reader.number('offsetMs', { min: -365 * DAY_MS, max: 365 * DAY_MS }, 0);
      const driftPpm = reader.number('driftPpm', { min: -500_000, max: 1_000_000 }, 0);
      if (offsetMs === 0 && driftPpm === 0) reader.wrong('kind', 'say offsetMs or driftPpm.');
      return { kind, on, offsetMs, driftPpm };
    }
    case 'jump':
      return { kind, on, ms: reader.number('ms', { min: -365 * DAY_MS, max: 365 * DAY_MS }) };
    case 'transfer':
      return { kind, to: target('to') };
  }
}

export function readLoad(reader: Reader, setting: Setting): LoadEntry | undefined {
  const kind = reader.choice('kind', LOAD_KINDS);
  if (kind === undefined) return undefined;
  reader.only([...TIMES, ...LOAD_FIELDS[kind]]);
  return { ...readTimes(reader, setting), ...readWork(kind, reader) };
}

function readWork(kind: Load['kind'], reader: Reader): Load {
  const clients = reader.number('clients', CLIENTS);
  const pace = reader.has('perSecond')
    ? { perSecond: reader.number('perSecond', { min: 0.1, max: 1_000_000 }, undefined, false) }
    : {};
  switch (kind) {
    case 'puts':
    case 'gets':
    case 'mix': {
      const valueBytes = reader.number('valueBytes', VALUE_BYTES, 256);
      return {
        kind,
        clients,
        ...pace,
        valueBytes,
        keys: reader.number('keys', { min: 1, max: 1_000_000 }, 1000),
      };
    }
    case 'locks': {
      const locks = reader.number('locks', { min: 1, max: 1_000_000 });
      const holdMs = reader.has('hold') ? reader.duration('hold', { min: 0, max: 600_000 }) : 0;
      return { kind, clients, ...pace, locks, holdMs };
    }
    case 'leases':
      return {
        kind,
        clients,
        ttlMs: reader.duration('ttl', { min: 100, max: DAY_MS }),
        dies: reader.flag('dies'),
      };
    case 'watches': {
      const everyMs = reader.duration('every', { min: 1, max: 600_000 });
      return { kind, clients, everyMs, valueBytes: reader.number('valueBytes', VALUE_BYTES, 256) };
    }
    case 'connections':
      return { kind, clients, ...pace };
  }
}

function readTimes(reader: Reader, { durationMs }: Setting): { atMs: number; forMs?: number } {
  const atMs = reader.has('at') ? reader.duration('at', { min: 0, max: durationMs }) : 0;
  if (!reader.has('for')) return { atMs };
  return { atMs, forMs: reader.duration('for', { min: 1, max: Math.max(1, durationMs - atMs) }) };
}

function readTarget(reader: Reader, name: string, { roles }: Setting): string {
  const allowed = [...roles, ...GROUPS];
  return reader.choice(name, allowed) ?? 'all';
}
