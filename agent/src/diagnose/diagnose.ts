import { BOUNDS, type Bounds, type Classification, type Signal } from '../classify/index.js';
import type { Window } from '../telemetry/index.js';
import { candidatesOf } from './candidates.js';
import type { Effect, FaultKind, Where } from './cause.js';
import { confidenceOf } from './confidence.js';
import { pathOf } from './path.js';
import { rank, WEIGHTS, type Weights } from './rank.js';

/** Something at fault, as likely as it is said to be. */
export interface Cause {
  readonly fault: FaultKind;
  readonly at: Where;
  /** Between 0 and 1; those of one diagnosis add up to at most 1. */
  readonly confidence: number;
  readonly onsetMs: number;
  /** What it rests on. */
  readonly evidence: readonly Signal[];
}

export interface Diagnosis {
  /** `unknown`: there is an incident, and nothing that was seen explains it. */
  readonly verdict: 'cause' | 'none' | 'unknown';
  /** From the most to the least likely. */
  readonly causes: readonly Cause[];
  /** What came of the first of them, in order of time. */
  readonly path: readonly Effect[];
}

/** Causes by layer and onset. Nothing is said of a window without an incident. */
export function diagnose(
  window: Window,
  seen: Classification,
  { bounds = BOUNDS, weights = WEIGHTS }: { readonly bounds?: Bounds; readonly weights?: Weights } = {},
): Diagnosis {
  if (seen.verdict !== 'incident')
    return { verdict: seen.verdict === 'none' ? 'none' : 'unknown', causes: [], path: [] };
  const replicas = window.replicas.map(({ name }) => name);
  const timeouts = window.replicas.flatMap(({ features }) =>
    [...features.electionTimeout].filter((value) => !Number.isNaN(value)),
  );
  const electionTimeout = timeouts.length === 0 ? Number.NaN : Math.min(...timeouts);
  const ranked = rank(
    candidatesOf({ signals: seen.signals, replicas, bounds, electionTimeout }),
    seen,
    weights,
  );
  const known = ranked.filter(({ score }) => score >= weights.listed);
  if (!((known[0]?.score ?? 0) >= weights.least)) return { verdict: 'unknown', causes: [], path: [] };
  const confidence = confidenceOf(known, seen);
  const causes = known.map(({ fault, at, onsetMs, evidence }, index) => ({
    fault,
    at,
    confidence: confidence[index]!,
    onsetMs,
    evidence,
  }));
  return { verdict: 'cause', causes, path: pathOf(causes[0]!, seen) };
}
