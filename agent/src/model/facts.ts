import { classify, SIGNALS, type Classification, type Signal, type SignalKind } from '../classify/index.js';
import { diagnose, type Cause, type FaultKind, type IncidentClass, type Where } from '../diagnose/index.js';
import { queryOf, retrieverOf, type PastIncident, type Runbook } from '../retrieve/index.js';
import type { Unit, Window } from '../telemetry/index.js';

/**
 * All that a model is ever told. Words are out of tables of this source, names are replaced by ids, the rest is numbers: names of
 * members, locks and keys, log lines and whatever else others may choose do not occur in it, so that nothing has to be quoted.
 */
export interface Facts {
  readonly classes: readonly IncidentClass[];
  readonly replicas: number;
  readonly evidence: readonly Evidence[];
  /** In the order of the baseline. */
  readonly causes: readonly Candidate[];
  readonly runbooks: readonly { readonly id: string; readonly title: string; readonly text: string }[];
  readonly past: readonly PastFact[];
}

export interface Evidence {
  /** `e1`, `e2`, … */
  readonly id: string;
  readonly signal: SignalKind;
  readonly means: string;
  readonly at: string;
  readonly feature: string;
  readonly unit: Unit;
  readonly worst: number | null;
  readonly bound: number | null;
  readonly onsetSeconds: number;
  readonly seenSeconds: number;
}

export interface Candidate {
  /** `c1`, `c2`, … */
  readonly id: string;
  readonly fault: FaultKind;
  readonly at: string;
  readonly evidence: readonly string[];
}

export interface PastFact {
  /** `p1`, `p2`, … */
  readonly id: string;
  readonly classes: readonly IncidentClass[];
  readonly causes: readonly FaultKind[];
  readonly end: string;
}

/** Facts, and what stays here: which cause and which name an id stands for. */
export interface Question {
  readonly facts: Facts;
  /** Of the ids `c1`, `c2`, … in order. */
  readonly causes: readonly Cause[];
  /** `r1` → the name of a replica. */
  readonly names: ReadonlyMap<string, string>;
}

const EVIDENCE_MAX = 24;
const CAUSES_MAX = 8;
const RUNBOOKS_MAX = 3;
const RUNBOOK_CHARACTERS_MAX = 1_800;
const PAST_MAX = 3;

/** Undefined: there is nothing that a model could be asked about, as without an incident or a candidate. */
export function questionOf(
  window: Window,
  runbooks: readonly Runbook[],
  past: readonly PastIncident[],
  seen: Classification = classify(window),
): Question | undefined {
  const causes = diagnose(window, seen).causes.slice(0, CAUSES_MAX);
  if (seen.verdict !== 'incident' || causes.length === 0) return undefined;
  const ids = new Map(window.replicas.map(({ name }, at) => [name, `r${at + 1}`]));
  const signals = evidenceFirst(causes, seen.signals).slice(0, EVIDENCE_MAX);
  const evidence = signals.map((signal, at) => evidenceOf(signal, `e${at + 1}`, ids));
  const candidates = causes.map(({ fault, at, evidence: of }, index) => ({
    id: `c${index + 1}`,
    fault,
    at: placeId(at, ids),
    evidence: evidence.filter((_, e) => of.includes(signals[e]!)).map(({ id }) => id),
  }));
  const retriever = retrieverOf(runbooks, past);
  const query = queryOf(seen);
  return {
    facts: {
      classes: seen.classes.map((finding) => finding.class),
      replicas: window.replicas.length,
      evidence,
      causes: candidates,
      runbooks: retriever.find(query, 'runbook', RUNBOOKS_MAX).flatMap((found) => {
        if (found.kind !== 'runbook') return [];
        const { id, title, text } = found.runbook;
        return [{ id, title, text: text.slice(0, RUNBOOK_CHARACTERS_MAX) }];
      }),
      past: retriever.find(query, 'past', PAST_MAX).flatMap((found, at) => {
        if (found.kind !== 'past') return [];
        const { classes, causes: of, end } = found.past;
        return [{ id: `p${at + 1}`, classes, causes: of.slice(0, CAUSES_MAX), end: end ?? 'Unknown' }];
      }),
    },
    causes,
    names: new Map([...ids].map(([name, id]) => [id, name])),
  };
}

/** What causes rest on comes before what came of them, so that it is not what is cut off. */
function evidenceFirst(causes: readonly Cause[], signals: readonly Signal[]): readonly Signal[] {
  const first = new Set(causes.flatMap(({ evidence }) => evidence));
  return [...first, ...signals.filter((signal) => !first.has(signal))];
}

function evidenceOf(signal: Signal, id: string, ids: ReadonlyMap<string, string>): Evidence {
  const { kind, at, feature, unit, worst, bound, onsetMs, seenMs } = signal;
  return {
    id,
    signal: kind,
    means: SIGNALS[kind].text,
    at: placeId(at, ids),
    feature,
    unit,
    worst: rounded(worst),
    bound: rounded(bound),
    onsetSeconds: onsetMs / 1000,
    seenSeconds: seenMs / 1000,
  };
}

/** `r2`, `r1-to-r3`, `network`, … */
function placeId(where: Where, ids: ReadonlyMap<string, string>): string {
  if (typeof where === 'string') return where;
  const of = (name: string): string => ids.get(name) ?? 'r0';
  return 'replica' in where ? of(where.replica) : `${of(where.from)}-to-${of(where.to)}`;
}

/** As people are told it. */
function rounded(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value * 1000) / 1000 : null;
}
