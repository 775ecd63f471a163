import type { TruthLog } from '../truth/log.js';
import { merged, without, type Span } from './spans.js';

/** Between two looks at a member. */
const GAP_MS = 500;

/**
 * When a member's state was behind that of most by more than `behindMs`, though nothing kept it apart: if all are late together, nobody is slow.
 * What is told is sound: an index was seen to be applied by most, and so much later the member was asked and did not have it. A member that stands still is behind for as long as it
 * does, which shows when it answers again; one that was dead is no follower.
 * @param apart when each member was without the leader that most follow
 */
export function behindSpans(
  { members, statuses }: TruthLog,
  behindMs: number,
  apart: ReadonlyMap<number, readonly Span[]>,
): ReadonlyMap<number, readonly Span[]> {
  const reached = reachedByMost(members, statuses);
  return new Map(
    members.map((id) => {
      const spans: Span[] = [];
      let aliveSinceMs = 0;
      let ledTerm: number | undefined;
      for (const { member, sentMs, endedMs, alive, status } of statuses) {
        if (member !== id) continue;
        // Who comes back is a follower again when it answers.
        if (!alive) aliveSinceMs = Infinity;
        if (status === undefined) continue;
        if (aliveSinceMs === Infinity) aliveSinceMs = endedMs;
        if (status.role === 'leader') {
          ledTerm = status.term;
          continue;
        }
        // Who led is a follower from the moment at which somebody followed a later leader.
        const followsSinceMs = ledTerm === undefined ? 0 : laterLeaderMs(statuses, ledTerm);
        const behindSinceMs = firstAbove(reached, status.applied) ?? Infinity;
        const fromMs = Math.max(behindSinceMs + behindMs, aliveSinceMs, followsSinceMs);
        if (fromMs < sentMs) spans.push({ fromMs, toMs: sentMs });
      }
      return [id, merged(without(spans, apart.get(id) ?? []), GAP_MS)];
    }),
  );
}

function laterLeaderMs(statuses: TruthLog['statuses'], term: number): number {
  const later = statuses.find(
    ({ status }) => status !== undefined && status.term > term && status.leader !== 0,
  );
  return later?.endedMs ?? Infinity;
}

interface Reached {
  readonly index: number;
  /** When it was first known that most had applied it. */
  readonly atMs: number;
}

function reachedByMost(members: readonly number[], statuses: TruthLog['statuses']): Reached[] {
  const majority = Math.floor(members.length / 2) + 1;
  const applied = new Map(members.map((id) => [id, 0]));
  const reached: Reached[] = [];
  for (const { member, endedMs, status } of [...statuses].sort((a, b) => a.endedMs - b.endedMs)) {
    if (status === undefined) continue;
    applied.set(member, status.applied);
    const index = [...applied.values()].sort((a, b) => b - a)[majority - 1]!;
    if (index > (reached.at(-1)?.index ?? 0)) reached.push({ index, atMs: endedMs });
  }
  return reached;
}

/** When an index above this one was first known to be reached. */
function firstAbove(reached: readonly Reached[], index: number): number | undefined {
  let low = 0;
  let high = reached.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (reached[middle]!.index > index) high = middle;
    else low = middle + 1;
  }
  return reached[low]?.atMs;
}
