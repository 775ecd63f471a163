import type { Where } from '../diagnose/cause.js';
import type { LinkFeature, ReplicaFeature, Unit } from '../telemetry/index.js';

/** From below to above: what is wrong on one can make wrong what is above it, hardly ever the other way. */
export const LAYERS = [
  'disk',
  'process',
  'network',
  'clock',
  'load',
  'replication',
  'election',
  'lease',
] as const;
export type Layer = (typeof LAYERS)[number];

/** What can be seen, with the layer that it is on. The texts are what a person is told. */
export const SIGNALS = {
  'slow-sync': { layer: 'disk', text: 'syncs of the log take long' },
  'stalled-sync': { layer: 'disk', text: 'a sync of the log did not return' },
  'disk-full': { layer: 'disk', text: 'the disk has no room' },
  'stood-still': { layer: 'process', text: 'the process or its event loop stood still' },
  silent: { layer: 'process', text: 'it answers neither scrapes nor its peers' },
  restarted: { layer: 'process', text: 'it was started anew' },
  'slow-loop': { layer: 'process', text: 'turns of the event loop take long' },
  garbage: { layer: 'process', text: 'collecting garbage takes the time of work' },
  'little-cpu': { layer: 'process', text: 'it gets less of a processor than before, and is late' },
  'cut-link': { layer: 'network', text: 'nothing passes, although both ends answer' },
  'slow-link': { layer: 'network', text: 'round trips take long' },
  'lossy-link': { layer: 'network', text: 'probes are lost' },
  'narrow-link': { layer: 'network', text: 'little passes, and far too late' },
  'flapping-link': { layer: 'network', text: 'nothing passes for moments, again and again' },
  'clock-off': { layer: 'clock', text: 'its wall clock is not that of the others' },
  'more-asked': { layer: 'load', text: 'clients ask for more than before' },
  'more-streams': { layer: 'load', text: 'clients connect over and over' },
  'more-leases': { layer: 'load', text: 'there are many more leases than before' },
  'more-watches': { layer: 'load', text: 'there are many more watches than before' },
  'larger-values': { layer: 'load', text: 'values are large' },
  'lock-queue': { layer: 'load', text: 'many wait for locks' },
  'crowded-out': { layer: 'load', text: 'less is answered than before, while more is asked' },
  queueing: { layer: 'load', text: 'commands queue up' },
  behind: { layer: 'replication', text: 'it is behind the others' },
  snapshots: { layer: 'replication', text: 'it needed snapshots' },
  'short-log': { layer: 'replication', text: 'the log holds little' },
  'no-commits': { layer: 'replication', text: 'nothing is committed' },
  elections: { layer: 'election', text: 'the term changes again and again' },
  'leader-lost': { layer: 'election', text: 'the leader changed or was missing' },
  apart: { layer: 'election', text: 'it is parted from a majority' },
  'no-quorum': { layer: 'election', text: 'no majority follows a leader' },
  expiries: { layer: 'lease', text: 'leases end that were kept before' },
} as const satisfies Readonly<Record<string, { readonly layer: Layer; readonly text: string }>>;

export type SignalKind = keyof typeof SIGNALS;

/** Something that was seen to be wrong, with the values that it rests on. */
export interface Signal {
  readonly kind: SignalKind;
  readonly at: Where;
  readonly feature: ReplicaFeature | LinkFeature | 'answered';
  readonly unit: Unit;
  /** Of the first moment in which it was seen, in milliseconds since the recording began. */
  readonly onsetMs: number;
  readonly lastMs: number;
  /** For how long it was seen, in all and at the longest without a break. */
  readonly seenMs: number;
  readonly longestMs: number;
  /** The value that was furthest from the bound. */
  readonly worst: number;
  readonly bound: number;
}

export const layerOf = (kind: SignalKind): Layer => SIGNALS[kind].layer;
