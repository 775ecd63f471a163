import type { FaultEntry, RunResult, Trace } from '@aegis/client/chaos';
import type { Where } from '@aegis/agent/diagnose';
import type { TrueCause } from '../labels/index.js';
import { faultKindOf, rootOf, type Event } from '../schedule/index.js';

/** Where the cause of a run was, by names. Undefined: it was not done. */
export function causeOf(
  trace: Trace,
  { roles, done }: Pick<RunResult, 'roles' | 'done'>,
  names: ReadonlyMap<number, string>,
): TrueCause | undefined {
  const root = rootOf(trace);
  const [first] = root;
  if (first === undefined) return undefined;
  const at = root.flatMap((event): Where[] => {
    if (event.what === 'load') return ['clients'];
    const index = trace.faults.indexOf(event.entry);
    const begun = done.filter(
      ({ what, fault, error }) => what === 'begin' && fault === index && error === undefined,
    );
    if (begun.length === 0) return [];
    if (event.entry.kind === 'link') return linkPlaces(event.entry, roles, names);
    return begun.flatMap(({ members }) => members.map((id) => ({ replica: names.get(id)! })));
  });
  const distinct = [...new Map(at.map((where) => [JSON.stringify(where), where])).values()];
  return distinct.length === 0 ? undefined : { fault: faultKindOf(first), at: distinct };
}

/** When the first thing was done, and when the last was over; loads are done as the trace says. */
export function timesOf(
  trace: Trace,
  done: RunResult['done'],
  events: readonly Event[],
): { readonly injectedMs: number; readonly endedMs: number } | undefined {
  const loads = events.flatMap(({ what, entry }) => (what === 'load' ? [entry] : []));
  const [first] = rootOf(trace);
  if (first === undefined) return undefined;
  const begins =
    first.what === 'load'
      ? [first.atMs]
      : done.filter(({ what, error }) => what === 'begin' && error === undefined).map(({ atMs }) => atMs);
  const ends = [
    ...done.map(({ atMs }) => atMs),
    ...loads.map(({ atMs, forMs }) => Math.min(trace.durationMs, atMs + (forMs ?? trace.durationMs))),
  ];
  return begins.length === 0
    ? undefined
    : { injectedMs: Math.min(...begins), endedMs: Math.max(...begins, ...ends) };
}

/** One role and a group: all links of that member. Two roles: the link between them. Two groups: the network. */
function linkPlaces(
  { from, to, both }: Extract<FaultEntry, { kind: 'link' }>,
  roles: RunResult['roles'],
  names: ReadonlyMap<number, string>,
): Where[] {
  const a = names.get(roles[from] ?? -1);
  const b = names.get(roles[to] ?? -1);
  if (a !== undefined && b !== undefined)
    return both
      ? [
          { from: a, to: b },
          { from: b, to: a },
        ]
      : [{ from: a, to: b }];
  const one = a ?? b;
  return [one === undefined ? 'network' : { replica: one }];
}
