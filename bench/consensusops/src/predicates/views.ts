import type { Status, StatusSample, TruthLog } from '../truth/log.js';
import { merged, type Span } from './spans.js';

/** What everybody's status said at one moment. */
interface Moment {
  readonly atMs: number;
  /** The newest answer of each member, if it is not old; undefined: it does not answer, or does not live. */
  readonly views: ReadonlyMap<number, Status | undefined>;
  readonly alive: ReadonlyMap<number, boolean>;
}

/** An answer older than this says nothing of now. */
const FRESH_MS = 1_000;

/** One moment after every answer. */
export function momentsOf({ statuses, members }: TruthLog): Moment[] {
  const newest = new Map<number, StatusSample>();
  const answered = new Map<number, StatusSample>();
  const moments: Moment[] = [];
  for (const sample of [...statuses].sort((a, b) => a.endedMs - b.endedMs)) {
    newest.set(sample.member, sample);
    if (sample.status !== undefined) answered.set(sample.member, sample);
    const atMs = sample.endedMs;
    moments.push({
      atMs,
      alive: new Map(members.map((id) => [id, newest.get(id)?.alive ?? true])),
      views: new Map(
        members.map((id) => {
          const last = answered.get(id);
          const fresh = last !== undefined && atMs - last.endedMs <= FRESH_MS && newest.get(id)!.alive;
          return [id, fresh ? last.status : undefined];
        }),
      ),
    });
  }
  return moments;
}

/** How members see the leadership over time. */
export interface Views {
  /** For each member: when it ran and answered, without the leader that most follow. */
  readonly apart: ReadonlyMap<number, readonly Span[]>;
  /** When no majority followed anybody while one ran, within one term: it was not voted in between. */
  readonly noQuorum: readonly Span[];
  /** The same, over any number of terms. */
  readonly leaderless: readonly Span[];
}

export function viewsOf(log: TruthLog): Views {
  const { members } = log;
  const majority = Math.floor(members.length / 2) + 1;
  const moments = momentsOf(log);
  const apart = new Map<number, Span[]>(members.map((id) => [id, []]));
  const leaderless: Span[] = [];
  const noQuorum: Span[][] = [[]];
  let termBefore = 0;
  for (const [index, { atMs, views, alive }] of moments.entries()) {
    const toMs = moments[index + 1]?.atMs ?? atMs;
    const span = { fromMs: atMs, toMs };
    const followed = leaderOfMost(views, majority);
    if (followed !== undefined) {
      for (const [id, view] of views)
        if (view !== undefined && !(view.leader === followed.leader && view.term === followed.term))
          apart.get(id)!.push(span);
    } else {
      // Members that are silent for another reason say nothing about the others; dead ones do.
      const known = members.filter((id) => views.get(id) !== undefined || alive.get(id) === false);
      if (known.length >= majority) {
        const term = Math.max(...[...views.values()].map((view) => view?.term ?? 0));
        if (term > termBefore) noQuorum.push([]);
        termBefore = Math.max(termBefore, term);
        noQuorum.at(-1)!.push(span);
        leaderless.push(span);
      }
    }
  }
  return {
    apart: new Map([...apart].map(([id, spans]) => [id, merged(spans)])),
    noQuorum: noQuorum.flatMap((spans) => merged(spans)),
    leaderless: merged(leaderless),
  };
}

function leaderOfMost(
  views: ReadonlyMap<number, Status | undefined>,
  majority: number,
): { readonly leader: number; readonly term: number } | undefined {
  const followers = new Map<string, number>();
  for (const view of views.values()) {
    if (view === undefined || view.leader === 0) continue;
    const key = `${view.term} ${view.leader}`;
    const count = (followers.get(key) ?? 0) + 1;
    followers.set(key, count);
    if (count >= majority) return { leader: view.leader, term: view.term };
  }
  return undefined;
}
