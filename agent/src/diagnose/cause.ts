/** The words in which a diagnosis is said, and in which the benchmark's labels say what was true: nothing else is shared by the two. */

/** What can be at fault, as one word. The texts are the reference; the words follow the faults of docs/chaos.md. */
export const FAULTS = {
  'disk-slow': 'Syncs return, and take much longer than the disk needs when it is sound.',
  'disk-stalled': 'Syncs do not return for a second or more, once or again and again.',
  'disk-full': 'The disk has no room, so that nothing can grow.',
  'cpu-starved': 'The process gets too small a part of a processor.',
  'loop-stalled': 'The event loop stands still for a while, once or again and again; the process runs.',
  'gc-pressure': 'So much garbage is made that collecting it takes the time that work needs.',
  paused: 'The process stands still as a whole, and goes on later as if nothing had been.',
  killed: 'The process ended without a warning, and was started again.',
  'link-cut': 'Nothing passes.',
  'link-slow': 'Frames are late, evenly or by chance.',
  'link-lossy': 'Some frames are lost.',
  'link-narrow': 'So little passes in a second that frames queue up.',
  'clock-off': 'The wall clock is off, jumps, or runs at another rate.',
  'plain-load': 'More ordinary reads, writes or locks are asked for than can be done.',
  'connection-herd': 'Many clients connect, ask once and leave, over and over.',
  'lease-herd': 'Very many leases are taken and kept alive.',
  'watch-fan-out': 'Very many watchers see the same changes.',
  'huge-values': 'Values so large are written that they crowd out the rest.',
  'hot-lock': 'Very many clients wait for one lock.',
  'short-log': 'So little of the log is kept that whoever was away for a moment needs a snapshot.',
  'hasty-settings': 'Elections are called sooner than this network, these disks and these processors allow.',
} as const satisfies Readonly<Record<string, string>>;

export type FaultKind = keyof typeof FAULTS;

/**
 * Where something is, by the names of a recording.
 *
 * `replica`: in it, or in all links of it (also if only one direction of all of them is at fault). `from`, `to`: in the link between
 * two, in this direction, or in both (then either order says it). `network`: in all links. `cluster`: in all replicas together.
 * `clients`: in what they ask for. `settings`: in those of the cluster.
 */
export type Where =
  | { readonly replica: string }
  | { readonly from: string; readonly to: string }
  | 'network'
  | 'cluster'
  | 'clients'
  | 'settings';

/** The six classes of incidents. */
export const CLASSES = [
  'ElectionStorm',
  'SplitBrain',
  'SlowFollower',
  'LeaseStarvation',
  'DiskStall',
  'Overload',
] as const;
export type IncidentClass = (typeof CLASSES)[number];

/** What a fault leads to: a class, or one of those that alone are no class. */
export const EFFECTS = [
  ...CLASSES,
  /** A replica does not answer anybody. At: the replica. */
  'ReplicaSilent',
  /** No leader that a majority follows, for a while. At: `cluster`. */
  'LeaderLost',
  /** Clients wait for their answers far longer than before, or get none. At: `clients`. */
  'AnswersLate',
] as const;
export type EffectKind = (typeof EFFECTS)[number];

/**
 * Something that came of a fault. Classes are where they show: DiskStall and SlowFollower at a replica; SplitBrain at the replicas that are apart,
 * or at `cluster` if no majority is left; ElectionStorm at `cluster`; LeaseStarvation and Overload at `clients`.
 */
export interface Effect {
  readonly effect: EffectKind;
  readonly at: Where;
}

/** Whether two say the same place; a link is the same in both orders only for links that are at fault both ways, which whoever asks knows. */
export function samePlace(a: Where, b: Where): boolean {
  return placeKey(a) === placeKey(b);
}

/** A place as one text: `replica aegis-1`, `link aegis-1 aegis-2`, `clients`. */
export function placeKey(where: Where): string {
  if (typeof where === 'string') return where;
  return 'replica' in where ? `replica ${where.replica}` : `link ${where.from} ${where.to}`;
}
