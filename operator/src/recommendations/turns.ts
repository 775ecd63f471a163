import type { TuningRecommendation } from '@aegis/crds';
import { keyOf } from '../kube/object.js';

/** Verifications that begin within an hour: each takes the processors of a node for minutes. */
export const BEGUN_WITHIN_AN_HOUR_MAX = 6;
/** Recommendations of one cluster that may wait. */
export const WAITING_MAX = 8;
const HOUR_MS = 3_600_000;

/** A verification that was begun, of which cluster, and when, in milliseconds since 1970. */
export interface Begun {
  readonly cluster: string | undefined;
  readonly atMs: number;
  readonly ended: boolean;
}

export interface Turns {
  /** Whose turn it is; undefined: nobody's. */
  readonly next: TuningRecommendation | undefined;
  readonly waiting: readonly TuningRecommendation[];
  /** Too many wait before these. */
  readonly refused: readonly TuningRecommendation[];
  /** Why the rest waits, for people. */
  readonly why: string;
  /** When the hour lets the next one begin, in milliseconds; undefined: that is not what is waited for. */
  readonly againAfterMs?: number;
}

/**
 * One verification at a time, and not too many an hour. The cluster that had the fewest comes first, so that none keeps the others waiting;
 * within it the oldest. Pure.
 * @param wanting recommendations whose verification has not begun
 */
export function takeTurns(
  wanting: readonly TuningRecommendation[],
  begun: readonly Begun[],
  nowMs: number,
): Turns {
  const places = new Map<string, number>();
  const placed = wanting.toSorted(byAge).map((each) => {
    const place = places.get(clusterOf(each)) ?? 0;
    places.set(clusterOf(each), place + 1);
    return { each, place };
  });
  const waiting = placed.filter(({ place }) => place < WAITING_MAX).map(({ each }) => each);
  const refused = placed.filter(({ place }) => place >= WAITING_MAX).map(({ each }) => each);
  const lately = begun.filter(({ atMs }) => nowMs - atMs < HOUR_MS);
  const had = (each: TuningRecommendation): number =>
    lately.filter(({ cluster }) => cluster === clusterOf(each)).length;
  if (begun.some(({ ended }) => !ended))
    return {
      next: undefined,
      waiting,
      refused,
      why: 'another verification runs, and they run one at a time',
    };
  if (lately.length >= BEGUN_WITHIN_AN_HOUR_MAX) {
    const againAfterMs = Math.min(...lately.map(({ atMs }) => atMs)) + HOUR_MS - nowMs;
    const why = `${BEGUN_WITHIN_AN_HOUR_MAX} verifications began within the last hour, which is the most`;
    return { next: undefined, waiting, refused, why, againAfterMs };
  }
  const [next, ...rest] = waiting.toSorted((a, b) => had(a) - had(b) || byAge(a, b));
  return { next, waiting: rest, refused, why: 'another verification goes first, and they run one at a time' };
}

/** The key of the cluster that a recommendation is about. */
export function clusterOf({ metadata, spec }: TuningRecommendation): string {
  return keyOf({ namespace: metadata.namespace, name: spec.clusterRef.name });
}

function byAge({ metadata: a }: TuningRecommendation, { metadata: b }: TuningRecommendation): number {
  const [x, y] = [a, b].map((each) => `${each.creationTimestamp} ${keyOf(each)}`) as [string, string];
  return x < y ? -1 : Number(x > y);
}
