import type { ConsensusSettings, Family, Patch, Profile } from '@aegis/replica/settings';
import { placeKey, type IncidentClass } from '../diagnose/index.js';
import type { EvidenceRecord } from '../evidence/index.js';
import type { IssueState, Published, RequestState, Target, Verification } from '../forge/index.js';
import type { Explained, Opinion, Unverified } from '../graph/index.js';
import type { Decision, Proposal } from '../propose/index.js';
import type { OpenIncident } from './tracker.js';

/** Times are milliseconds since 1970. */
export interface IncidentState extends OpenIncident {
  readonly endedAt?: number;
}

/** What an incident is worked on with, besides its recording: laid down once, before anything is done, and after the recording. */
export interface Work {
  readonly id: string;
  readonly target: Target;
  readonly profile: Profile;
  readonly replicas: number;
  readonly base: ConsensusSettings | undefined;
  readonly lastHealthy: ConsensusSettings | undefined;
  readonly quorumMargin: number;
  /** When the recording began. */
  readonly beganAt: number;
}

export const PHASES = [
  'Proposed',
  'Verified',
  'PullRequestOpen',
  'Merged',
  'Applied',
  'Rejected',
  'CannotReproduce',
  'NotVerified',
  'Held',
  'Superseded',
  'Expired',
] as const;
export type Phase = (typeof PHASES)[number];

/** What a proposal is, and what became of it, for people. */
export interface Recommendation {
  readonly kind: 'TuningRecommendation';
  readonly version: 1;
  readonly id: string;
  readonly incident: string;
  readonly target: Target;
  readonly proposedAt: number;
  readonly family: Family;
  readonly patch: Patch;
  readonly rollback: Patch;
  readonly cause: { readonly fault: string; readonly at: string };
  readonly effect: string;
  readonly risk: string;
  readonly phase: Phase;
  /** Why it is where it is. */
  readonly reason: string;
  readonly verification?: Verification | Unverified;
  readonly validUntil?: number;
  readonly branch?: string;
  readonly mergedBy?: string;
  readonly commit?: string;
}

/** What was found out about an incident, beside its state. */
export interface Findings {
  readonly causes: readonly { readonly fault: string; readonly at: string; readonly sharePermille: number }[];
  readonly evidence: readonly string[];
  /** What people have to do about it. */
  readonly advice?: string;
  readonly recommendation?: string;
  readonly postmortem?: string;
  /** Whether all that can be done without people is done. */
  readonly worked: boolean;
}

/** What each step leaves in the evidence, as far as it is read here. */
interface Outputs {
  readonly classify: { readonly verdict: string; readonly classes: readonly IncidentClass[] };
  /** That of an agent before this one has its first two alone. */
  readonly diagnose: Pick<Explained, 'ranked' | 'evidence'> & Partial<Explained>;
  readonly opinion: Opinion;
  readonly propose: Proposal;
  readonly decide: Decision;
  readonly verify: Verification | Unverified;
  readonly publish: Published;
  readonly postmortem: IssueState;
  readonly outcome: RequestState;
  readonly applied: { readonly commit?: string };
  readonly ended: Ended;
}

/** The output of the newest record of a step. */
export function outputOf<S extends keyof Outputs>(
  records: readonly EvidenceRecord[],
  step: S,
): Outputs[S] | undefined {
  return records.findLast((record) => record.step === step)?.output as Outputs[S] | undefined;
}

/** @param records of this incident alone */
export function findingsOf(records: readonly EvidenceRecord[]): Findings {
  const seen = outputOf(records, 'classify');
  const opinion = outputOf(records, 'opinion');
  const diagnosed = opinion?.by === 'model' ? opinion : outputOf(records, 'diagnose');
  const proposal = outputOf(records, 'propose');
  const postmortem = outputOf(records, 'postmortem');
  const quiet = seen !== undefined && seen.verdict !== 'incident';
  return {
    causes: (diagnosed?.ranked ?? []).map(({ fault, at, scorePermille }) => {
      return { fault, at: placeKey(at), sharePermille: scorePermille };
    }),
    evidence: diagnosed?.evidence ?? [],
    ...(proposal === undefined ? {} : { advice: proposal.action }),
    ...(proposal === undefined || proposal.kind === 'advice' ? {} : { recommendation: records[0]!.incident }),
    ...(postmortem === undefined ? {} : { postmortem: postmortem.url }),
    worked: quiet || postmortem !== undefined,
  };
}

/** What the evidence says of a proposal; undefined: none was made. @param records of this incident alone */
export function recommendationOf(
  records: readonly EvidenceRecord[],
  target: Target,
): Recommendation | undefined {
  const made = records.findLast(({ step }) => step === 'propose');
  const proposal = made?.output as Proposal | undefined;
  if (made === undefined || proposal === undefined || proposal.kind === 'advice') return undefined;
  const { family, patch, rollback, cause, effect, risk } = proposal;
  const verification = outputOf(records, 'verify');
  const decision = outputOf(records, 'decide');
  const published = outputOf(records, 'publish');
  const outcome = outputOf(records, 'outcome') ?? published;
  const { phase, reason } = phaseOf(records, proposal);
  return {
    kind: 'TuningRecommendation',
    version: 1,
    id: made.incident,
    incident: made.incident,
    target,
    proposedAt: made.at,
    family,
    patch,
    rollback,
    cause: { fault: cause.fault, at: placeKey(cause.at) },
    effect,
    risk,
    phase,
    reason,
    ...(verification === undefined ? {} : { verification }),
    ...(decision?.act.kind === 'publish' ? { validUntil: decision.act.validUntil } : {}),
    ...(published === undefined ? {} : { branch: published.branch }),
    ...(outcome?.mergedBy === undefined ? {} : { mergedBy: outcome.mergedBy }),
    ...(outcome?.commit === undefined ? {} : { commit: outcome.commit }),
  };
}

/** Why an open proposal was ended by the agent itself. */
export interface Ended {
  readonly phase: 'Expired' | 'Superseded';
  readonly reason: string;
}

function phaseOf(
  records: readonly EvidenceRecord[],
  proposal: Exclude<Proposal, { kind: 'advice' }>,
): { readonly phase: Phase; readonly reason: string } {
  if (proposal.kind === 'refused') return { phase: 'Rejected', reason: proposal.why };
  const ended = outputOf(records, 'ended');
  if (outputOf(records, 'applied') !== undefined)
    return { phase: 'Applied', reason: 'Every replica runs it.' };
  const outcome = outputOf(records, 'outcome');
  if (outcome?.state === 'Merged')
    return { phase: 'Merged', reason: 'A person merged it; it is being applied.' };
  if (ended !== undefined) return ended;
  if (outcome?.state === 'Closed') return { phase: 'Rejected', reason: 'A person deleted its branch.' };
  if (outputOf(records, 'publish') !== undefined)
    return { phase: 'PullRequestOpen', reason: 'It waits for a person.' };
  const decision = outputOf(records, 'decide');
  if (decision?.act.kind === 'hold') return { phase: 'Held', reason: decision.act.message };
  if (decision?.act.kind === 'keep')
    return { phase: 'Superseded', reason: 'Just this was proposed already.' };
  const verification = outputOf(records, 'verify');
  switch (verification?.result) {
    case undefined:
      return { phase: 'Proposed', reason: 'Its verification is under way.' };
    case 'Improves':
      return { phase: 'Verified', reason: 'Its branch is about to be made.' };
    case 'NotVerified':
      return { phase: 'NotVerified', reason: verification.why };
    case 'CannotReproduce':
      return { phase: 'CannotReproduce', reason: 'What was seen did not come again in the verification.' };
    case 'NoDifference':
    case 'Harm':
      return { phase: 'Rejected', reason: `The verification says ${verification.result}.` };
  }
}
