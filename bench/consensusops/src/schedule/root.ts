import type { FaultEntry, LoadEntry, Trace } from '@aegis/client/chaos';
import type { FaultKind } from '@aegis/agent/diagnose';

/** Something that happens in a trace after its beginning. */
export type Event = {
  readonly atMs: number;
  /** A planned handover is nothing that goes wrong. */
  readonly harmless: boolean;
} & (
  | { readonly what: 'fault'; readonly entry: FaultEntry }
  | { readonly what: 'load'; readonly entry: LoadEntry }
);

/** In order of time; faults come before loads of the same moment. Load from the beginning is the one that is always there. */
export function eventsOf({ faults, load }: Trace): Event[] {
  return [
    ...faults.map((entry): Event => ({
      what: 'fault',
      entry,
      atMs: entry.atMs,
      harmless: entry.kind === 'transfer',
    })),
    ...load
      .filter(({ atMs }) => atMs > 0)
      .map((entry): Event => ({ what: 'load', entry, atMs: entry.atMs, harmless: false })),
  ].sort((a, b) => a.atMs - b.atMs);
}

/** What is at fault in a trace: what happens first, whatever of its kind begins in the same moment, and what of that comes again. */
export function rootOf(trace: Trace): readonly Event[] {
  const events = eventsOf(trace).filter(({ harmless }) => !harmless);
  const first = events[0];
  if (first === undefined) return [];
  const alike = events.filter(({ what, entry }) => what === first.what && entry.kind === first.entry.kind);
  const places = new Set(alike.filter(({ atMs }) => atMs === first.atMs).map(({ entry }) => placeOf(entry)));
  return alike.filter(({ entry }) => places.has(placeOf(entry)));
}

/** Whom it is done to, as the trace says it. */
function placeOf(entry: FaultEntry | LoadEntry): string {
  if ('on' in entry) return entry.on;
  return 'from' in entry ? `${entry.from} ${entry.to}` : '';
}

/** Something else happens, too. */
export function isConfounded(trace: Trace): boolean {
  return eventsOf(trace).length > rootOf(trace).length;
}

/** The same without what is at fault. */
export function withoutRoot(trace: Trace): Trace {
  const root = new Set<unknown>(rootOf(trace).map(({ entry }) => entry));
  return {
    ...trace,
    faults: trace.faults.filter((entry) => !root.has(entry)),
    load: trace.load.filter((entry) => !root.has(entry)),
  };
}

/** Values from here on are huge: the default of a load is 256 bytes. */
const HUGE_BYTES = 50_000;

/** The kind of fault, in the words of a diagnosis. */
export function faultKindOf({ what, entry }: Event): FaultKind {
  return what === 'fault' ? faultOf(entry) : loadOf(entry);
}

function faultOf(entry: FaultEntry): FaultKind {
  switch (entry.kind) {
    case 'kill':
      return 'killed';
    case 'pause':
      return 'paused';
    case 'link':
      if (entry.cut) return 'link-cut';
      if (entry.lossPercent > 0) return 'link-lossy';
      return entry.bytesPerSecond > 0 && entry.delayMs + entry.jitterMs === 0 ? 'link-narrow' : 'link-slow';
    case 'fsync':
      return entry.stalled ? 'disk-stalled' : 'disk-slow';
    case 'disk':
      return 'disk-full';
    case 'cpu':
      return 'cpu-starved';
    case 'stall':
      return 'loop-stalled';
    case 'garbage':
      return 'gc-pressure';
    case 'clock':
    case 'jump':
      return 'clock-off';
    case 'transfer':
      throw new Error('a planned handover is no fault');
  }
}

function loadOf(entry: LoadEntry): FaultKind {
  switch (entry.kind) {
    case 'puts':
    case 'gets':
    case 'mix':
      return entry.kind !== 'gets' && entry.valueBytes >= HUGE_BYTES ? 'huge-values' : 'plain-load';
    case 'locks':
      return entry.locks === 1 ? 'hot-lock' : 'plain-load';
    case 'leases':
      return 'lease-herd';
    case 'watches':
      return 'watch-fan-out';
    case 'connections':
      return 'connection-herd';
  }
}
