import { placeKey, type IncidentClass } from '../diagnose/index.js';
import type { Diagnosed } from '../propose/index.js';
import type { PostmortemPage, Target } from './forge.js';
import { moment, plain, table } from './markdown.js';

/** What was proposed, and what became of it. */
export interface Outcome {
  readonly what: string;
  readonly phase: string;
  /** Where to read it. */
  readonly url?: string | undefined;
  /** Why, or who. */
  readonly note?: string | undefined;
}

export interface PostmortemFacts {
  readonly target: Target;
  readonly incident: string;
  readonly classes: readonly IncidentClass[];
  /** Milliseconds since 1970; `over` undefined: it goes on. */
  readonly onset: number;
  readonly detected: number;
  readonly over?: number | undefined;
  readonly timeline: readonly { readonly at: number; readonly what: string }[];
  /** What clients felt, with numbers. */
  readonly impact: readonly string[];
  readonly causes: readonly Diagnosed[];
  readonly similar: readonly string[];
  /** Titles of those that fit. */
  readonly runbooks?: readonly string[];
  /** In the words of a model; numbers and ids in it are those of the evidence. */
  readonly narration?: { readonly summary: string; readonly lessons: readonly string[] } | undefined;
  readonly lessons: readonly string[];
  readonly outcomes: readonly Outcome[];
}

const FINAL = new Set([
  'Applied',
  'Closed',
  'Rejected',
  'Superseded',
  'Expired',
  'CannotReproduce',
  'Advice',
]);

/** What is learned from an incident, for people. The same facts give the same page. */
export function postmortemPage(facts: PostmortemFacts): PostmortemPage {
  const { target, incident, classes, over, outcomes, runbooks = [] } = facts;
  const name = `${target.namespace}/${target.cluster}`;
  const sections = [
    ['Impact', list(facts.impact, 'Nothing that clients felt was measured.')],
    ['Timeline', timeline(facts)],
    ['Causes', causes(facts.causes)],
    ['Earlier incidents like it', list(facts.similar, 'None is known.')],
    ['Lessons', list(facts.lessons, 'None yet.')],
    ...(runbooks.length === 0 ? [] : [['Runbooks that fit', list(runbooks, '')]]),
    ...(facts.narration === undefined ? [] : [['In the words of a model', narrated(facts.narration)]]),
    ['What was proposed, and what became of it', outcome(outcomes)],
  ];
  return {
    target,
    incident,
    title: `Postmortem: ${classes.join(', ')} of ${plain(name, 100)}, ${moment(facts.onset)}`,
    body: sections.map(([title, text]) => `## ${title}\n\n${text}`).join('\n\n'),
    labels: ['aegis', 'aegis/postmortem', ...classes.map((each) => `aegis/${each}`)],
    closed: over !== undefined && outcomes.every(({ phase }) => FINAL.has(phase)),
  };
}

function timeline({ onset, detected, over, timeline }: PostmortemFacts): string {
  const points = [
    { at: onset, what: 'It began, by the evidence.' },
    { at: detected, what: 'The agent saw it.' },
    ...timeline,
    ...(over === undefined ? [] : [{ at: over, what: 'It was over.' }]),
  ];
  const rows = points.toSorted((a, b) => a.at - b.at).map(({ at, what }) => [moment(at), plain(what, 300)]);
  return table(['when', 'what'], rows);
}

function causes(ranked: readonly Diagnosed[]): string {
  if (ranked.length === 0) return 'No cause was found.';
  const rows = ranked.map(({ fault, at, scorePermille }, rank) => {
    return [`${rank + 1}`, fault, plain(placeKey(at), 100), `${scorePermille / 10} %`];
  });
  return table(['rank', 'fault', 'where', 'weight'], rows);
}

function outcome(outcomes: readonly Outcome[]): string {
  if (outcomes.length === 0) return 'Nothing.';
  const rows = outcomes.map(({ what, phase, url, note }) => {
    const shown =
      url !== undefined && /^https?:\/\/[^\s()<>|]+$/.test(url) ? `<${url}>` : plain(url ?? '', 200);
    return [plain(what, 300), plain(phase, 40), shown, plain(note ?? '', 300)];
  });
  return table(['what', 'became', 'where', 'note'], rows);
}

function narrated({ summary, lessons }: NonNullable<PostmortemFacts['narration']>): string {
  return `${plain(summary, 3_000)}\n\n${list(lessons, '')}`.trimEnd();
}

function list(items: readonly string[], none: string): string {
  return items.length === 0 ? none : items.map((item) => `- ${plain(item, 500)}`).join('\n');
}
