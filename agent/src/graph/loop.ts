import type { ConsensusSettings, Patch, Profile } from '@aegis/replica/settings';
import { CLASSES, diagnose, type Effect, type IncidentClass } from '../diagnose/index.js';
import type { EvidenceLog } from '../evidence/index.js';
import {
  ForgeRefusal,
  proposalPage,
  type Forge,
  type ProposalPage,
  type Published,
  type Target,
  type Verification,
} from '../forge/index.js';
import type { Model } from '../model/index.js';
import {
  decide,
  observationsOf,
  propose,
  type Decision,
  type Diagnosed,
  type HistoryEntry,
  type OpenProposal,
  type PolicyConfig,
  type Proposal,
} from '../propose/index.js';
import type { Runbook } from '../retrieve/index.js';
import type { Recording } from '../telemetry/index.js';
import { evidenceTexts } from './evidence-texts.js';
import { findingsOf, type Findings } from './findings.js';
import { journalOf, reportOn } from './journal.js';
import { tellOnce, type Tell } from './notices.js';
import { keptSignals, measuredFor, type Measured } from './seen.js';
import { opinionOn, type Ranking } from './opinion.js';

/** In this order. Each is done once an incident, and its output kept before the next begins. */
export const STEPS = [
  'observe',
  'classify',
  'diagnose',
  'propose',
  'decide',
  'verify',
  'publish',
  'postmortem',
] as const;
export type Step = (typeof STEPS)[number];

/** Nobody could verify a patch, which is no verdict on it. */
export interface Unverified {
  readonly result: 'NotVerified';
  readonly why: string;
}

/** What led to the run: telemetry, and how the cluster stands. */
export interface Incident {
  /** Unique in its cluster. */
  readonly id: string;
  readonly target: Target;
  readonly recording: Recording;
  /** When the recording began, milliseconds since 1970. */
  readonly beganAt: number;
  readonly profile: Profile;
  readonly replicas: number;
  /** What the cluster runs. */
  readonly base: ConsensusSettings;
  readonly lastHealthy?: ConsensusSettings | undefined;
  readonly quorumMargin?: number | undefined;
}

export interface LoopParts {
  readonly evidence: EvidenceLog;
  readonly forge: Forge;
  /** Of the settings file, for the rollback. */
  readonly path: string;
  readonly policy: PolicyConfig;
  /** What became of earlier proposals, and what is open. */
  readonly history: () => readonly HistoryEntry[];
  readonly open: () => readonly OpenProposal[];
  /** Asks whoever may run a verification: the operator or the supervisor. The same question may be asked again. */
  readonly verify: (incident: Incident, patch: Patch) => Promise<Verification | Unverified>;
  readonly now: () => number;
  /** For postmortems, and for the model. */
  readonly runbooks?: readonly Runbook[] | undefined;
  /** Undefined, as it is by default: what the baseline says is all that is said. */
  readonly model?: Model | undefined;
  readonly notify?: Tell | undefined;
}

/** What became of an incident so far. */
export type Result =
  | { readonly kind: 'quiet'; readonly why: string }
  | {
      readonly kind: 'advice' | 'refused' | 'held' | 'rejected';
      readonly why: string;
      readonly postmortem?: string;
    }
  | { readonly kind: 'published'; readonly request: Published; readonly postmortem?: string };

/**
 * Goes through the steps. What an earlier life has done is taken from the evidence, not done again; a step that was cut off is done
 * again, which the forge bears: it finds what is there. Throws what a step throws; running again goes on from there.
 */
export async function runIncident(incident: Incident, parts: LoopParts): Promise<Result> {
  const journal = journalOf(incident.id, parts);
  const found = findingsOf(incident.recording);
  const observed = await journal.once('observe', () => {
    const { timesMs } = found.window;
    return {
      observations: observationsOf(found.window),
      from: incident.beganAt + (timesMs[0] ?? 0),
      to: incident.beganAt + (timesMs.at(-1) ?? 0),
      seenAt: parts.now(),
    };
  });
  const seen = await journal.once('classify', () => {
    const { verdict, classes } = found.classification;
    const onsetMs = Math.min(...classes.map((each) => each.onsetMs));
    return {
      verdict,
      classes: CLASSES.filter((name) => classes.some((each) => each.class === name)),
      onset: incident.beganAt + (Number.isFinite(onsetMs) ? onsetMs : 0),
      signals: keptSignals({ classes }, incident.beganAt),
    };
  });
  if (seen.verdict !== 'incident')
    return { kind: 'quiet', why: `Nothing is wrong that could be told: ${seen.verdict}.` };
  const baseline = await journal.once('diagnose', () => causesOf(found, incident.beganAt));
  const causes = await opinionOn(journal, parts, incident, baseline);
  const about = { target: incident.target, incident: incident.id, at: observed.seenAt };
  await tellOnce(journal, parts.notify, {
    kind: 'incident',
    ...about,
    classes: seen.classes,
    onset: seen.onset,
    cause: causes.ranked[0],
  });
  const proposal = await journal.once('propose', () =>
    proposed(incident, parts, causes.ranked, seen.classes, observed.observations),
  );
  const decision = await journal.once('decide', () => decided(incident, parts, seen.classes, proposal));
  const report = (result: Result, verification?: Verification) =>
    reportOn(journal, parts, incident, { observed, seen, causes, proposal, result, verification });
  if (proposal.kind === 'advice') return report({ kind: 'advice', why: proposal.action });
  if (proposal.kind === 'refused') return report({ kind: 'refused', why: proposal.why });
  const { act } = decision;
  if (act.kind === 'hold') return report({ kind: 'held', why: act.message });
  if (act.kind === 'keep') return report({ kind: 'held', why: 'Just this is proposed already.' });
  const verification = await journal.once('verify', () => parts.verify(incident, proposal.patch));
  if (verification.result === 'NotVerified')
    return report({ kind: 'held', why: `NotVerified: ${verification.why}` });
  if (verification.result !== 'Improves')
    return report({ kind: 'rejected', why: verification.result }, verification);
  const request = await journal.once('publish', () => {
    const { base, target } = incident;
    const { path } = parts;
    const window = {
      incident: incident.id,
      classes: seen.classes,
      from: observed.from,
      to: observed.to,
      evidence: causes.evidence,
    };
    const { validUntil } = act;
    const { rationale } = causes;
    return published(
      parts.forge,
      proposalPage({ target, path, proposal, base, window, rationale, verification, validUntil }),
    );
  });
  const { family, patch } = proposal;
  const { state, url, mergedBy: by } = request;
  await tellOnce(journal, parts.notify, {
    kind: 'proposal',
    ...about,
    at: parts.now(),
    family,
    patch,
    state,
    url,
    by,
  });
  return report({ kind: 'published', request }, verification);
}

/** A life that ended right after publishing may find that a person has merged meanwhile. */
async function published(forge: Forge, page: ProposalPage): Promise<Published> {
  try {
    return await forge.publish(page);
  } catch (error) {
    if (!(error instanceof ForgeRefusal) || error.reason !== 'NothingChanges') throw error;
    const state = await forge.stateOf(page.target, page.family);
    if (state?.state !== 'Merged') throw error;
    return { ...state, did: 'nothing' };
  }
}

const CAUSES_MAX = 10;
const PATH_MAX = 16;

/** What the baseline says, with what it rests on, and what came of the first cause. */
export interface Explained extends Ranking {
  readonly path: readonly Effect[];
  readonly measured: readonly Measured[];
  /** For each cause, by its rank, which of those speak for it. */
  readonly because: readonly (readonly number[])[];
}

function causesOf({ window, classification }: Findings, beganAt: number): Explained {
  const { causes, path } = diagnose(window, classification);
  const listed = causes.slice(0, CAUSES_MAX);
  const ranked = listed.map(({ fault, at, confidence }) => {
    return { fault, at, scorePermille: Math.round(confidence * 1000) };
  });
  return {
    ranked,
    evidence: evidenceTexts(causes[0]?.evidence ?? []),
    path: path.slice(0, PATH_MAX),
    ...measuredFor(listed, beganAt),
  };
}

function proposed(
  incident: Incident,
  { history, policy, now }: LoopParts,
  causes: readonly Diagnosed[],
  classes: readonly IncidentClass[],
  observations: ReturnType<typeof observationsOf>,
): Proposal {
  const { profile, replicas, base, lastHealthy, quorumMargin, target } = incident;
  const applied = history().filter(
    ({ became, cluster }) => became === 'Applied' && cluster === target.clusterId,
  );
  const lastChangeAt = applied.length === 0 ? undefined : Math.max(...applied.map(({ at }) => at));
  const pace = { now: now(), lastChangeAt, dwellMs: policy.dwellMs, quorumMargin };
  return propose(causes, classes, { profile, replicas, base, lastHealthy, observations, pace });
}

function decided(
  { base, target }: Incident,
  { history, open, policy, now }: LoopParts,
  classes: readonly IncidentClass[],
  proposal: Proposal,
): Decision {
  const wanted = proposal.kind === 'patch' ? { family: proposal.family, patch: proposal.patch } : undefined;
  const question = {
    now: now(),
    cluster: target.clusterId,
    base,
    classes,
    wanted,
    open: open(),
    history: history(),
  };
  return decide(question, policy);
}
