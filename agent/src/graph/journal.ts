import type { EvidenceLog } from '../evidence/index.js';
import {
  postmortemPage,
  type IssueState,
  type Outcome,
  type PostmortemPage,
  type Verification,
} from '../forge/index.js';
import type { IncidentClass } from '../diagnose/index.js';
import type { Proposal } from '../propose/index.js';
import type { Incident, LoopParts, Result } from './loop.js';
import { tellOnce } from './notices.js';
import { narrationOf, similarTo, type Ranking } from './opinion.js';

/** What was done for one incident. */
export interface Journal {
  /** The output of a step: out of the evidence, or made now and kept. */
  once<T>(step: string, work: () => T | Promise<T>): Promise<T>;
}

export function journalOf(incident: string, { evidence, now }: Pick<LoopParts, 'evidence' | 'now'>): Journal {
  return {
    async once<T>(step: string, work: () => T | Promise<T>): Promise<T> {
      const done = lastOf(evidence, incident, step);
      if (done !== undefined) return done.output as T;
      // Read back from what was written, so that a first life and a second one go on from the same.
      return evidence.append(now(), incident, step, await work()).output as T;
    },
  };
}

export function lastOf(evidence: EvidenceLog, incident: string, step: string) {
  return evidence.records.findLast((record) => record.incident === incident && record.step === step);
}

interface Told {
  readonly observed: { readonly seenAt: number };
  readonly seen: { readonly classes: readonly IncidentClass[]; readonly onset: number };
  readonly causes: Ranking;
  readonly proposal: Proposal;
  readonly result: Result;
  readonly verification?: Verification | undefined;
}

/** Writes the postmortem, once; what becomes of the proposal later is `followUp`'s to add. */
export async function reportOn(
  journal: Journal,
  parts: LoopParts,
  incident: Incident,
  told: Told,
): Promise<Result> {
  const { id, target } = incident;
  const { seen, observed, causes, proposal, result, verification } = told;
  const ending = { verification: verification?.result ?? 'NotRun', fault: proposal.cause?.fault } as const;
  const narration =
    result.kind === 'quiet'
      ? undefined
      : await narrationOf(journal, parts, incident, { became: result.kind, ...ending });
  const page = await journal.once('report', (): PostmortemPage => {
    const impact = [`Seen: ${seen.classes.join(', ')}.`, ...causes.evidence];
    const outcomes = [outcomeOf(result, proposal)];
    const lessons = proposal.kind === 'advice' ? [proposal.why] : [proposal.action];
    return postmortemPage({
      target,
      incident: id,
      classes: seen.classes,
      onset: seen.onset,
      detected: observed.seenAt,
      timeline: [],
      impact,
      causes: causes.ranked,
      ...similarTo(parts, incident, seen.classes, causes.ranked),
      narration,
      lessons,
      outcomes,
    });
  });
  const issue = await journal.once('postmortem', (): Promise<IssueState> => parts.forge.postmortem(page));
  const { kind: became } = result;
  const notice = { target, incident: id, at: parts.now(), became, url: issue.url };
  await tellOnce(journal, parts.notify, { kind: 'postmortem', ...notice });
  return result.kind === 'quiet' ? result : { ...result, postmortem: issue.url };
}

function outcomeOf(result: Result, proposal: Proposal): Outcome {
  const what =
    proposal.kind === 'advice'
      ? proposal.action
      : Object.entries(proposal.patch)
          .map(([name, value]) => `${name} ${value}`)
          .join(', ');
  switch (result.kind) {
    case 'published':
      return { what, phase: 'PullRequestOpen', url: result.request.url };
    case 'advice':
      return { what, phase: 'Advice', note: 'no setting helps' };
    case 'refused':
    case 'held':
    case 'rejected':
      return { what, phase: result.kind === 'held' ? 'Held' : 'Rejected', note: result.why };
    case 'quiet':
      return { what, phase: 'Advice', note: result.why };
  }
}
