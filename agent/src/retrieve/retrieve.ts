import MiniSearch from 'minisearch';
import { SIGNALS, type Classification } from '../classify/index.js';
import { FAULTS, type FaultKind, type IncidentClass } from '../diagnose/index.js';
import type { PastIncident } from './past.js';
import type { Runbook } from './runbook.js';

/** A runbook or an earlier incident that is like what was asked for. */
export type Found =
  | { readonly kind: 'runbook'; readonly score: number; readonly runbook: Runbook }
  | { readonly kind: 'past'; readonly score: number; readonly past: PastIncident };

/** What is looked for: words of our own, never of telemetry. */
export interface Query {
  readonly classes: readonly IncidentClass[];
  readonly words: readonly string[];
}

export interface Retriever {
  /** The best first; the same question has the same answer. */
  find(query: Query, kind: Found['kind'], limit: number): readonly Found[];
}

interface Document {
  readonly key: string;
  readonly kind: Found['kind'];
  readonly title: string;
  readonly classes: string;
  readonly causes: string;
  readonly text: string;
}

/** Classes tell the chapter; what is at fault, the page. The text carries most words, and few of them count. */
const BOOST = { title: 2, classes: 1, causes: 3, text: 1 };
/** Scores that differ by less are the same, whatever the order in which they were added up. */
const SCORE_STEP = 1e-6;
/** Words that stand in all texts alike. */
const STOP = new Set(
  'a an and are at be by for from has have in is it its its not of on or than that the then to was what when which with'.split(
    ' ',
  ),
);

/** An index in memory over runbooks and earlier incidents. Nothing leaves the process. */
export function retrieverOf(runbooks: readonly Runbook[], past: readonly PastIncident[] = []): Retriever {
  const byKey = new Map<string, Found>();
  const documents = [
    ...runbooks.map((runbook): Document => {
      const { id, title, classes, causes, text } = runbook;
      const key = `runbook ${id}`;
      byKey.set(key, { kind: 'runbook', score: 0, runbook });
      return { key, kind: 'runbook', title, classes: classes.join(' '), causes: faultWords(causes), text };
    }),
    ...past.map((each): Document => {
      const key = `past ${each.id}`;
      byKey.set(key, { kind: 'past', score: 0, past: each });
      return {
        key,
        kind: 'past',
        title: '',
        classes: each.classes.join(' '),
        causes: faultWords(each.causes),
        text: '',
      };
    }),
  ].sort((a, b) => (a.key < b.key ? -1 : 1));
  const index = new MiniSearch<Document>({
    idField: 'key',
    fields: ['title', 'classes', 'causes', 'text'],
    storeFields: ['kind'],
    processTerm: (term) => (STOP.has(term.toLowerCase()) ? null : term.toLowerCase()),
  });
  index.addAll(documents);
  return {
    find({ classes, words }, kind, limit) {
      return index
        .search([...classes, ...words].join(' '), { boost: BOOST, filter: (hit) => hit['kind'] === kind })
        .map(({ id, score }) => ({ key: String(id), score: Math.round(score / SCORE_STEP) * SCORE_STEP }))
        .sort((a, b) => b.score - a.score || (a.key < b.key ? -1 : 1))
        .slice(0, limit)
        .map(({ key, score }) => ({ ...byKey.get(key)!, score }));
    },
  };
}

/** What was seen of a window, as a question: classes, and of each kind of signal its words and its feature. */
export function queryOf({ classes, signals }: Pick<Classification, 'classes' | 'signals'>): Query {
  const kinds = [...new Set(signals.map(({ kind }) => kind))];
  const features = [...new Set(signals.map(({ feature }) => feature))];
  return {
    classes: classes.map((finding) => finding.class),
    words: [...kinds.flatMap((kind) => [kind, SIGNALS[kind].layer, SIGNALS[kind].text]), ...features],
  };
}

/** A question about classes and causes that are known already. */
export function queryAbout(classes: readonly IncidentClass[], causes: readonly FaultKind[]): Query {
  return { classes, words: [faultWords(causes)] };
}

function faultWords(faults: readonly FaultKind[]): string {
  return faults.map((fault) => `${fault} ${FAULTS[fault]}`).join(' ');
}
