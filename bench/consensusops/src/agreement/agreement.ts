import { CLASSES, type FaultKind, type IncidentClass } from '@aegis/agent/diagnose';
import { windowOf } from '@aegis/agent/telemetry';
import type { Trace } from '@aegis/client/chaos';
import type { Happened } from '@aegis/sim/verify';
import { ours } from '../methods/index.js';
import { causeOf } from '../record/places.js';
import { faultKindOf, rootOf } from '../schedule/index.js';
import { isTop } from '../score/match.js';

/** What the agent says of a trace that happened, to real processes or in a simulated world. */
export interface Said {
  readonly classes: readonly IncidentClass[];
  /** Null: it names no cause. */
  readonly first: FaultKind | null;
  /** Whether that is the cause, at its place. */
  readonly right: boolean;
}

/** Throws if the fault of the trace was not done: then there is nothing to compare. */
export function saidOf(trace: Trace, { recording, acted }: Happened): Said {
  const names = new Map(Object.entries(recording.replicas).map(([name, member]) => [member, name]));
  const cause = causeOf(trace, acted, names);
  if (cause === undefined) throw new Error(`${trace.name}: its fault could not be done`);
  const { classes, causes } = ours.judge(windowOf(recording), {});
  return { classes, first: causes[0]?.fault ?? null, right: isTop({ causes }, cause, 1) };
}

/** The same classes, no more and no fewer. */
export const sameClasses = (one: Said, other: Said): boolean =>
  CLASSES.every((name) => one.classes.includes(name) === other.classes.includes(name));

/** The same first cause, and on both sides or on none the true one at its place. */
export const sameFirst = (one: Said, other: Said): boolean =>
  one.first === other.first && one.right === other.right;

/**
 * What the simulator has the means for: networks, disks, processes that stand, clocks. Of a processor, of garbage and of load it has a
 * likeness, and bandwidth it does not limit.
 */
const SIMULATED: ReadonlySet<FaultKind> = new Set([
  ...(['link-cut', 'link-slow', 'link-lossy'] as const),
  ...(['disk-slow', 'disk-stalled', 'disk-full'] as const),
  ...(['paused', 'loop-stalled', 'clock-off'] as const),
]);

export const isSimulated = (trace: Trace): boolean => SIMULATED.has(faultKindOf(rootOf(trace)[0]!));
