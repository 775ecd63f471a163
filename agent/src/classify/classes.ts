import { CLASSES, placeKey, samePlace, type IncidentClass, type Where } from '../diagnose/cause.js';
import type { Look } from './look.js';
import type { Signal, SignalKind } from './signal.js';

/** A class that an incident is of, with the signals that say so. */
export interface ClassFinding {
  readonly class: IncidentClass;
  readonly at: readonly Where[];
  readonly onsetMs: number;
  readonly because: readonly Signal[];
}

type Rule = (look: Look, signals: readonly Signal[]) => readonly Signal[];

const of =
  (...kinds: readonly SignalKind[]): Rule =>
  (_, signals) =>
    signals.filter(({ kind }) => kinds.includes(kind));

/** Which signals make which class. The reasons are in docs/anomalies.md. */
const RULES: Readonly<Record<IncidentClass, Rule>> = {
  ElectionStorm: of('elections'),
  SplitBrain: of('apart', 'no-quorum'),
  SlowFollower: of('behind'),
  LeaseStarvation: of('expiries'),
  DiskStall: (look, signals) =>
    notOfLoad(look, signals, of('slow-sync', 'stalled-sync', 'disk-full')(look, signals)),
  Overload: overload,
};

export function classesOf(look: Look, signals: readonly Signal[]): ClassFinding[] {
  return CLASSES.flatMap((name) => {
    const because = RULES[name](look, signals);
    if (because.length === 0) return [];
    const places = new Map(because.map(({ at }) => [placeKey(at), at]));
    return [
      {
        class: name,
        at: [...places.values()],
        onsetMs: Math.min(...because.map(({ onsetMs }) => onsetMs)),
        because,
      },
    ];
  });
}

/** Of what clients ask for. */
export const LOAD: readonly SignalKind[] = [
  'more-asked',
  'more-streams',
  'more-leases',
  'more-watches',
  'larger-values',
  'lock-queue',
];

/** More is asked, and it is felt: commands queue, loops or syncs are late, or less is answered. */
function overload(look: Look, signals: readonly Signal[]): readonly Signal[] {
  const asked = of(...LOAD)(look, signals);
  const felt = of(
    'queueing',
    'crowded-out',
    'slow-loop',
    'slow-sync',
  )(look, signals).filter((signal) => asked.some((load) => overlap(load, signal, look.bounds.smoothMs)));
  return asked.length > 0 && felt.length > 0 ? [...asked, ...felt] : [];
}

/**
 * What load does to sound disks, while more is asked: slow syncs on most replicas at once, and syncs that seem late on one whose loop is, for a
 * loop that has too much to do asks late and hears late.
 */
function notOfLoad(look: Look, signals: readonly Signal[], disks: readonly Signal[]): readonly Signal[] {
  const { smoothMs } = look.bounds;
  const asked = of(...LOAD)(look, signals);
  const loops = of('slow-loop')(look, signals);
  const most = disks.filter(({ kind }) => kind === 'slow-sync').length * 2 > look.replicas.length;
  const byLoad = (disk: Signal): boolean =>
    disk.kind !== 'disk-full' &&
    asked.some((load) => overlap(load, disk, smoothMs)) &&
    ((most && disk.kind === 'slow-sync') ||
      loops.some((loop) => samePlace(loop.at, disk.at) && overlap(loop, disk, smoothMs)));
  return disks.filter((disk) => !byLoad(disk));
}

export function overlap(a: Signal, b: Signal, toleranceMs: number): boolean {
  return a.onsetMs <= b.lastMs + toleranceMs && b.onsetMs <= a.lastMs + toleranceMs;
}
