import type { Random } from '@aegis/replica/sim';
import type { FaultEntry, LoadEntry, Trace } from '@aegis/client/chaos';
import { eventsOf } from './root.js';

/** When the first thing happens: whoever compares with before has thirty samples by then, and the clients are warm. */
const ONSET_MS = { min: 38_000, max: 46_000 };
/** For how long something goes wrong, at most. */
const WINDOW_MS = 28_000;
/** What comes after it. */
const TAIL_MS = { min: 9_000, max: 13_000 };

/**
 * A case of a template: when it begins, how long it lasts, who is hit and how much is asked are drawn. What happens in it stays the same, in
 * the same order.
 */
export function fit(template: Trace, random: Random): Trace {
  const onsetMs = Math.round(random.between(ONSET_MS.min, ONSET_MS.max));
  const tailMs = Math.round(random.between(TAIL_MS.min, TAIL_MS.max));
  const pace = random.between(0.5, 1);
  const shrink = random.between(0.75, 1);
  const recast = random.chance(0.25);
  const events = eventsOf(template);
  const firstMs = events[0]?.atMs ?? 0;
  const lastMs = Math.max(
    firstMs,
    ...events.map(({ atMs, entry }) => lastOf(atMs, entry, template.durationMs)),
  );
  const factor = shrink * Math.min(1, WINDOW_MS / Math.max(1, lastMs - firstMs));
  const windowMs = Math.round((lastMs - firstMs) * factor);
  const endMs = onsetMs + windowMs;
  const moved = (atMs: number): number => Math.round(onsetMs + (atMs - firstMs) * factor);
  return {
    ...template,
    durationMs: endMs + tailMs,
    roles: recast ? recastRoles(template) : template.roles,
    faults: template.faults.flatMap((entry) => occurrences(entry, template.durationMs, factor, moved, endMs)),
    load: template.load.map((entry) =>
      entry.atMs === 0
        ? paced(entry, pace)
        : { ...entry, atMs: moved(entry.atMs), ...lasting(entry, factor, moved, endMs) },
    ),
  };
}

/** Who was to be a follower may be anybody, the leader too. */
function recastRoles({ roles }: Trace): Trace['roles'] {
  const names = Object.keys(roles);
  if (names.length !== 1 || roles[names[0]!] !== 'follower') return roles;
  return { [names[0]!]: 'any' };
}

function lastOf(atMs: number, entry: FaultEntry | LoadEntry, durationMs: number): number {
  if ('everyMs' in entry && entry.everyMs !== undefined) return durationMs;
  if (entry.forMs !== undefined) return Math.min(durationMs, atMs + entry.forMs);
  return isMoment(entry) ? atMs : durationMs;
}

function isMoment({ kind }: FaultEntry | LoadEntry): boolean {
  return kind === 'kill' || kind === 'stall' || kind === 'jump' || kind === 'transfer';
}

/** What comes again is written out, so that it ends with the window; its rhythm stays. */
function occurrences(
  entry: FaultEntry,
  durationMs: number,
  factor: number,
  moved: (atMs: number) => number,
  endMs: number,
): FaultEntry[] {
  const { everyMs, ...once } = entry;
  if (everyMs === undefined)
    return [{ ...once, atMs: moved(once.atMs), ...lasting(once, factor, moved, endMs) }];
  const fromMs = moved(once.atMs);
  const count = Math.ceil(Math.min(durationMs - once.atMs, (endMs - fromMs) / 1) / everyMs);
  return Array.from({ length: Math.max(1, count) }, (_, time) => ({
    ...once,
    atMs: fromMs + time * everyMs,
  }));
}

function lasting(
  entry: FaultEntry | LoadEntry,
  factor: number,
  moved: (atMs: number) => number,
  endMs: number,
): { forMs?: number } {
  if (isMoment(entry)) return {};
  const atMs = moved(entry.atMs);
  return { forMs: Math.max(1, entry.forMs === undefined ? endMs - atMs : Math.round(entry.forMs * factor)) };
}

function paced(entry: LoadEntry, pace: number): LoadEntry {
  return 'perSecond' in entry && entry.perSecond !== undefined
    ? { ...entry, perSecond: Math.round(entry.perSecond * pace) }
    : entry;
}
