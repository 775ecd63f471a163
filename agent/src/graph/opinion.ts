import type { Ending, Narration } from '../model/index.js';
// Not through its index: without a model, nothing of LangChain is loaded.
import { questionOf } from '../model/facts.js';
import { narratedBy, rankedBy } from '../model/model.js';
import { moment } from '../forge/markdown.js';
import type { IncidentClass } from '../diagnose/index.js';
import type { Diagnosed } from '../propose/index.js';
import { pastIncidents, queryAbout, retrieverOf, type PastIncident } from '../retrieve/index.js';
import { evidenceTexts } from './evidence-texts.js';
import { findingsOf } from './findings.js';
import type { Journal } from './journal.js';
import type { Incident, LoopParts } from './loop.js';

/** Causes in the order that counts. */
export interface Ranking {
  readonly ranked: readonly Diagnosed[];
  /** For the first of them. */
  readonly evidence: readonly string[];
  /** What a model says for this order. */
  readonly rationale?: string;
}

/** As it stands in the evidence. */
export type Opinion =
  | (Ranking & { readonly by: 'model'; readonly runbooks: readonly string[] })
  | { readonly by: 'baseline'; readonly why: string };

type Asking = Pick<LoopParts, 'evidence' | 'now' | 'runbooks' | 'model'>;

/** The baseline's causes, as a model orders them if there is one. The weights stay with the places. */
export async function opinionOn(
  journal: Journal,
  parts: Asking,
  incident: Incident,
  baseline: Ranking,
): Promise<Ranking> {
  const { model, evidence: book, now } = parts;
  if (model === undefined) return baseline;
  const opinion = await journal.once('opinion', async (): Promise<Opinion> => {
    const question = questionFor(parts, incident);
    if (question === undefined) return { by: 'baseline', why: 'There is nothing to put in order.' };
    const said = await rankedBy({ ...model, book, now }, incident.id, question);
    if (said.by === 'baseline') return said;
    const weights = baseline.ranked.map(({ scorePermille }) => scorePermille).sort((a, b) => b - a);
    const order = [...said.causes, ...baseline.ranked.slice(said.causes.length)];
    return {
      by: said.by,
      ranked: order.map(({ fault, at }, rank) => ({ fault, at, scorePermille: weights[rank]! })),
      evidence: evidenceTexts(said.causes[0]!.evidence),
      rationale: said.rationale,
      runbooks: said.runbooks,
    };
  });
  return opinion.by === 'model' ? opinion : baseline;
}

/** What a model tells of the incident, once it is over for the agent. Undefined: no model, or nothing that may be shown. */
export async function narrationOf(
  journal: Journal,
  parts: Asking,
  incident: Incident,
  ending: Ending,
): Promise<Extract<Narration, { by: 'model' }> | undefined> {
  const { model, evidence: book, now } = parts;
  if (model === undefined) return undefined;
  const narration = await journal.once('narration', async (): Promise<Narration> => {
    const question = questionFor(parts, incident);
    if (question === undefined) return { by: 'baseline', why: 'There is nothing to tell.' };
    return narratedBy({ ...model, book, now }, incident.id, question, ending);
  });
  return narration.by === 'model' ? narration : undefined;
}

function questionFor(parts: Asking, incident: Incident) {
  const { window, classification } = findingsOf(incident.recording);
  return questionOf(window, parts.runbooks ?? [], earlier(parts, incident), classification);
}

const SIMILAR_MAX = 3;

/** Runbooks and earlier incidents of this evidence that are like this one, for people. */
export function similarTo(
  parts: Asking,
  incident: Incident,
  classes: readonly IncidentClass[],
  ranked: readonly Diagnosed[],
): { readonly similar: readonly string[]; readonly runbooks: readonly string[] } {
  const retriever = retrieverOf(parts.runbooks ?? [], earlier(parts, incident));
  const query = queryAbout(
    classes,
    ranked.slice(0, 1).map(({ fault }) => fault),
  );
  return {
    similar: retriever
      .find(query, 'past', SIMILAR_MAX)
      .flatMap((found) => (found.kind === 'past' ? [pastText(found.past)] : [])),
    runbooks: retriever
      .find(query, 'runbook', SIMILAR_MAX)
      .flatMap((found) => (found.kind === 'runbook' ? [`${found.runbook.title} (${found.runbook.id})`] : [])),
  };
}

function earlier({ evidence }: Asking, { id }: Incident): readonly PastIncident[] {
  return pastIncidents(evidence.records).filter((past) => past.id !== id);
}

function pastText({ id, classes, causes, onset, end }: PastIncident): string {
  const [cause = 'no cause found'] = causes;
  return `${id}, ${moment(onset)}: ${classes.join(', ')}; ${cause}; ${end ?? 'not ended'}`;
}
