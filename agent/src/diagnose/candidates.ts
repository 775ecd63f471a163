import type { Layer, Signal, SignalKind } from '../classify/index.js';
import type { Bounds } from '../classify/index.js';
import { layerOf } from '../classify/index.js';
import type { FaultKind, Where } from './cause.js';
import { placesOfLinks, placesOfLosses, sameKey } from './places.js';

/** Something that may be at fault, with the signals that it rests on. */
export interface Candidate {
  readonly fault: FaultKind;
  readonly at: Where;
  readonly layer: Layer | 'settings';
  readonly onsetMs: number;
  readonly evidence: readonly Signal[];
}

interface Seen {
  readonly signals: readonly Signal[];
  readonly replicas: readonly string[];
  readonly bounds: Bounds;
  /** The smallest in effect, in seconds; NaN: nobody tells. */
  readonly electionTimeout: number;
}

/** What may be at fault by what was seen; the same fault in several places is several candidates. */
export function candidatesOf(seen: Seen): Candidate[] {
  return [
    ...seen.replicas.flatMap((name) => ofReplica(seen, name)),
    ...ofLinks(seen),
    ...ofLoad(seen),
    ...ofSettings(seen),
  ];
}

function candidate(
  fault: FaultKind,
  at: Where,
  evidence: readonly Signal[],
  layer?: 'settings',
): Candidate[] {
  const first = evidence[0];
  if (first === undefined) return [];
  const onsetMs = Math.min(...evidence.map((signal) => signal.onsetMs));
  return [{ fault, at, layer: layer ?? layerOf(first.kind), onsetMs, evidence }];
}

const kindsAt = (seen: Seen, at: Where, ...kinds: readonly SignalKind[]): Signal[] =>
  seen.signals.filter((signal) => kinds.includes(signal.kind) && sameKey(signal.at, at));

/** One process, its disk, its clock. */
function ofReplica(seen: Seen, name: string): Candidate[] {
  const at = { replica: name };
  const of = (...kinds: SignalKind[]): Signal[] => kindsAt(seen, at, ...kinds);
  const [slow, stalled, restarted] = [of('slow-sync'), of('stalled-sync'), of('restarted')];
  const still = of('stood-still', 'silent');
  const stoodMs = Math.max(
    0,
    ...still.map(({ kind, worst, longestMs }) => (kind === 'silent' ? longestMs : worst * 1000)),
  );
  // What was stopped stays so until it is let go; what stands for long again and again has long work to do.
  const again = still.some(({ kind, seenMs, longestMs }) => kind === 'silent' && seenMs >= AGAIN * longestMs);
  const paused = stoodMs >= seen.bounds.pausedSeconds * 1000 && !again;
  const starved = of('slow-loop', 'little-cpu');
  const want = of('little-cpu').some((little) => isForWantOf(little, still, stoodMs, seen.bounds));
  const garbage = of('garbage');
  return [
    ...candidate('disk-full', at, of('disk-full')),
    ...candidate('disk-slow', at, slow),
    // A disk on which every sync takes long passes this bound too: then it is slow.
    ...(slow.length > 0 ? [] : candidate('disk-stalled', at, stalled)),
    ...candidate('killed', at, restarted),
    // A process that died is silent until it is started again.
    ...(restarted.length > 0 || want ? [] : candidate(paused ? 'paused' : 'loop-stalled', at, still)),
    ...candidate('gc-pressure', at, garbage),
    ...(garbage.length > 0 ? [] : candidate('cpu-starved', at, want ? [...starved, ...still] : starved)),
    ...candidate('link-narrow', at, of('narrow-link')),
    ...candidate('clock-off', at, of('clock-off')),
  ];
}

/** All the time that a replica was silent, to the longest of it: more than once. */
const AGAIN = 1.4;

/**
 * A process that gets little processor stands until it gets its next share. One that was stopped has all of it once it goes on, and uses
 * more than before to catch up: one that goes on with less, for longer than it stood, stood for want of it.
 */
function isForWantOf(
  { onsetMs, longestMs }: Signal,
  still: readonly Signal[],
  stoodMs: number,
  { smoothMs }: Bounds,
): boolean {
  const stood = still.some((each) => onsetMs <= each.lastMs + smoothMs && each.onsetMs <= onsetMs);
  return stood && longestMs > stoodMs;
}

function ofLinks(seen: Seen): Candidate[] {
  const of = (kind: SignalKind): Signal[] => seen.signals.filter((signal) => signal.kind === kind);
  const touching = (signals: readonly Signal[], at: Where): Signal[] =>
    signals.filter((signal) => at === 'network' || sameKey(signal.at, at) || touches(signal.at, at));
  const [cut, slow, lossy, flapping] = [
    of('cut-link'),
    of('slow-link'),
    of('lossy-link'),
    of('flapping-link'),
  ];
  return [
    ...placesOfLinks(cut, seen.replicas).flatMap((at) => candidate('link-cut', at, touching(cut, at))),
    ...placesOfLosses(flapping).flatMap((at) => candidate('link-cut', at, touching(flapping, at))),
    ...placesOfLinks(slow, seen.replicas).flatMap((at) => candidate('link-slow', at, touching(slow, at))),
    ...placesOfLosses(lossy).flatMap((at) => candidate('link-lossy', at, touching(lossy, at))),
  ];
}

/** Whether a link is one of a replica's, or the same in the other order. */
function touches(link: Where, at: Where): boolean {
  if (typeof link === 'string' || typeof at === 'string' || 'replica' in link) return false;
  if ('replica' in at) return link.from === at.replica || link.to === at.replica;
  return link.from === at.to && link.to === at.from;
}

/** From the special to the plain: a herd asks for more as well. */
const LOADS: readonly (readonly [SignalKind, FaultKind])[] = [
  ['more-watches', 'watch-fan-out'],
  ['lock-queue', 'hot-lock'],
  ['more-leases', 'lease-herd'],
  ['more-streams', 'connection-herd'],
  ['larger-values', 'huge-values'],
];

function ofLoad(seen: Seen): Candidate[] {
  const special = LOADS.flatMap(([kind, fault]) =>
    candidate(fault, 'clients', kindsAt(seen, 'clients', kind)),
  );
  const asked = kindsAt(seen, 'clients', 'more-asked', 'queueing');
  const plain = asked.some(({ kind }) => kind === 'more-asked')
    ? candidate('plain-load', 'clients', asked)
    : [];
  return [...special, ...plain];
}

/** Ten round trips are what an election timeout should be at least; below four, elections begin that nobody needs. */
const ROUND_TRIPS_LEAST = 4;

function ofSettings(seen: Seen): Candidate[] {
  const snapshots = seen.signals.filter(({ kind }) => kind === 'snapshots');
  const short = seen.signals.filter(({ kind }) => kind === 'short-log');
  const elections = seen.signals.filter(({ kind }) => kind === 'elections');
  const late = seen.signals.filter(({ kind }) => kind === 'slow-link');
  const roundTrip = Math.max(0, ...late.map(({ worst }) => worst));
  const hasty = seen.electionTimeout < HASTY_SECONDS && seen.electionTimeout < ROUND_TRIPS_LEAST * roundTrip;
  return [
    ...(snapshots.length > 0 && short.length > 0
      ? candidate('short-log', 'settings', [...short, ...snapshots], 'settings')
      : []),
    ...(hasty && elections.length > 0
      ? candidate('hasty-settings', 'settings', [...elections, ...late], 'settings')
      : []),
  ];
}

/** Half of the default: whoever goes below has chosen so. */
const HASTY_SECONDS = 0.5;
