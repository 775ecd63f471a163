import type { SupervisorSocket } from '@aegis/client/config';
import {
  API_VERSION,
  FINAL_PHASES,
  tuningRecommendation,
  type TuningRecommendation,
  type TuningRecommendationStatus,
} from '@aegis/crds';
import { EvidenceError, type EvidenceRecord } from '../evidence/index.js';
import type { Target } from '../forge/index.js';
import { outputOf, type Recommendation } from '../run/records.js';

/** What is known of a verification. */
export type VerificationState = Awaited<ReturnType<SupervisorSocket['verify']>>;

const LIMITS = { rationale: 8_192, statement: 512, findings: 64, reason: 4_096 } as const;
const FINAL: ReadonlySet<string> = new Set(FINAL_PHASES);

/** What the resources of an incident are called: its id is unique in its cluster. */
export function resourceName({ cluster }: Target, incident: string): string {
  return `${cluster}-${incident}`;
}

/**
 * The resource that asks the operator for a verification. The same for the same incident and question. Throws EvidenceError if nothing was
 * proposed.
 * @param records of this incident alone
 * @param question as docs/counterfactual.md says: what it asks about is what is proposed
 */
export function recommendationResource(
  target: Target,
  incident: string,
  records: readonly EvidenceRecord[],
  question: string,
): TuningRecommendation {
  const proposal = outputOf(records, 'propose');
  const act = outputOf(records, 'decide')?.act;
  if (proposal?.kind !== 'patch' || act?.kind !== 'publish')
    throw new EvidenceError(`nothing that may be published was proposed for the incident ${incident}`);
  const { replicas, base, patch } = JSON.parse(question) as Pick<
    TuningRecommendation['spec'],
    'replicas' | 'base' | 'patch'
  >;
  const { effect, risk, action, rollback, verdict } = proposal;
  const { passed, findings } = verdict;
  const { namespace, cluster } = target;
  const { kind } = tuningRecommendation;
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: { name: resourceName(target, incident), namespace },
    spec: {
      clusterRef: { name: cluster },
      incidentRef: { name: resourceName(target, incident) },
      ...{ replicas, base, patch, rollback },
      rationale: `${effect}\n\nRisk: ${risk}\n\nBesides: ${action}`.slice(0, LIMITS.rationale),
      envelope: {
        passed,
        findings: findings.slice(0, LIMITS.findings).map((each) => ({
          ...{ id: each.id, kind: each.kind, severity: each.severity, passed: each.passed },
          statement: each.statement.slice(0, LIMITS.statement),
        })),
      },
      question,
      validUntil: secondsOf(act.validUntil),
    },
  };
}

/** What the operator says of the verification, in the words that a supervisor would use. */
export function verificationIn(
  { spec, status, metadata }: TuningRecommendation,
  now: number,
): VerificationState {
  const { verification, phase, reason, message } = status ?? {};
  if (verification !== undefined) return { state: 'done', result: verification };
  const held = (why: string): VerificationState => ({
    state: 'done',
    result: { result: 'NotVerified', why },
  });
  if (phase !== undefined && FINAL.has(phase))
    return held(`${reason ?? phase}: ${message ?? 'no reason was given'}`);
  if (Date.parse(spec.validUntil) <= now)
    return held(`the operator has not verified ${metadata.name} in time: does it run?`);
  return { state: 'running' };
}

/**
 * The status with what the agent has to say about it: the request, and what people made of it where the operator cannot know. What it may
 * not say (Verified, Merged, Applied) the operator says itself. Undefined: it has nothing to say.
 * @param records of this incident alone
 */
export function mirroredStatus(
  { status }: TuningRecommendation,
  { phase, reason }: Pick<Recommendation, 'phase' | 'reason'>,
  records: readonly EvidenceRecord[],
): TuningRecommendationStatus | undefined {
  if (status === undefined || FINAL.has(status.phase ?? '') || status.verification?.result !== 'Improves')
    return undefined;
  const pullRequest = requestIn(records);
  const next = { ...status, ...(pullRequest === undefined ? {} : { pullRequest }) };
  const message = reason.slice(0, LIMITS.reason);
  switch (phase) {
    case 'PullRequestOpen':
      // Without a forge it stays Verified: people find the patch in its spec.
      if (pullRequest === undefined || status.phase !== 'Verified') return next;
      return { ...next, phase: 'PullRequestOpen', reason: 'Published', message };
    case 'Rejected':
      return { ...next, phase, reason: 'Closed', message };
    case 'Superseded':
    case 'Expired':
      return { ...next, phase, reason: phase, message };
    default:
      return next;
  }
}

function requestIn(records: readonly EvidenceRecord[]): TuningRecommendationStatus['pullRequest'] {
  const { number, url, branch, state, mergedBy, commit } =
    outputOf(records, 'outcome') ?? outputOf(records, 'publish') ?? {};
  if (number === undefined || url === undefined || branch === undefined || state === undefined)
    return undefined;
  return {
    ...{ number, url, branch, state },
    ...(mergedBy === undefined ? {} : { mergedBy: mergedBy.slice(0, 128) }),
    ...(commit === undefined ? {} : { commit }),
  };
}

/** As Kubernetes writes a moment. @param at milliseconds since 1970 */
export function secondsOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
