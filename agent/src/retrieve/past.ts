import type { EvidenceRecord } from '../evidence/index.js';
import { CLASSES, FAULTS, type FaultKind, type IncidentClass } from '../diagnose/index.js';

/** What became of an incident, as one of few words. */
export const ENDS = ['Advice', 'Refused', 'Held', 'Rejected', 'Open', 'Merged', 'Closed'] as const;
export type End = (typeof ENDS)[number];

/** An earlier incident in words of our own: nothing of it was written by anybody else. */
export interface PastIncident {
  /** Unique in its cluster. For people: it is shown to no model. */
  readonly id: string;
  readonly classes: readonly IncidentClass[];
  readonly causes: readonly FaultKind[];
  readonly onset: number;
  readonly end: End | undefined;
}

/** Incidents out of the evidence, in order of their onset. What is not as this version writes it is left out. */
export function pastIncidents(records: readonly EvidenceRecord[]): readonly PastIncident[] {
  const byIncident = Map.groupBy(records, ({ incident }) => incident);
  return [...byIncident]
    .flatMap(([id, steps]) => pastOf(id, steps))
    .sort((a, b) => a.onset - b.onset || (a.id < b.id ? -1 : 1));
}

function pastOf(id: string, steps: readonly EvidenceRecord[]): readonly PastIncident[] {
  const last = (name: string): Record<string, unknown> =>
    mapping(steps.findLast(({ step }) => step === name)?.output);
  const seen = last('classify');
  const classes = listOf(seen['classes']).filter((each) => CLASSES.includes(each as IncidentClass));
  if (seen['verdict'] !== 'incident' || classes.length === 0 || typeof seen['onset'] !== 'number') return [];
  const ranked = listOf(last('diagnose')['ranked']).map((each) => mapping(each)['fault']);
  return [
    {
      id,
      classes: classes as IncidentClass[],
      causes: ranked.filter(
        (fault): fault is FaultKind => typeof fault === 'string' && Object.hasOwn(FAULTS, fault),
      ),
      onset: seen['onset'],
      end: endOf(last),
    },
  ];
}

function endOf(last: (step: string) => Record<string, unknown>): End | undefined {
  const state = last('outcome')['state'];
  if (typeof state === 'string' && ENDS.includes(state as End)) return state as End;
  if (last('publish')['state'] !== undefined) return 'Open';
  const { kind } = last('propose');
  if (kind === 'advice') return 'Advice';
  if (kind === 'refused') return 'Refused';
  if (mapping(last('decide')['act'])['kind'] === 'hold') return 'Held';
  const { result } = last('verify');
  return result === undefined || result === 'Improves' ? undefined : 'Rejected';
}

function mapping(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
