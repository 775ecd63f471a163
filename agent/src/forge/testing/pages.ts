import { resolveSettings } from '@aegis/replica/settings';
import type { Gate } from '../../envelope/index.js';
import { propose, type PatchProposal } from '../../propose/index.js';
import type { PostmortemPage, ProposalPage, Target } from '../forge.js';
import { postmortemPage, type Outcome } from '../postmortem-page.js';
import { proposalPage, type Verification } from '../proposal-page.js';

/** Pages for tests of forges, made by the very code that makes them for people. */
export const TARGET: Target = { clusterId: '7c4f2a90b1d3e586', namespace: 'shop', cluster: 'orders' };
export const ONSET = Date.parse('2026-03-04T12:00:00Z');
/** Counts are in thousandths. */
export const IMPROVES: Verification = {
  result: 'Improves',
  signal: 'elections a minute',
  unit: 'elections',
  before: 4_200,
  after: 300,
  delta: -3_900,
  deltaLow: -4_600,
  deltaHigh: -3_100,
  seeds: 40,
};
export const SETTINGS = `# Settings of the shop. Ask ada.
apiVersion: aegis.dev/v1alpha1
kind: AegisCluster
metadata:
  name: orders
  namespace: shop
spec:
  consensus:
    heartbeatIntervalMs: 100 # as ever
    electionTimeoutMs: 1000
`;

const base = resolveSettings('all');
const gate = (pauseMaxUs: number): Gate => ({
  profile: 'all',
  replicas: 5,
  base,
  observations: { roundTripP99Us: 2_000, roundTripMeanUs: 500, fsyncP999Us: 5_000, pauseMaxUs },
  pace: { now: ONSET, dwellMs: 1_800_000, quorumMargin: 2 },
});

/** @param pauseMaxUs what was measured: the longer, the longer is the election timeout that is proposed */
export function sampleProposal(pauseMaxUs = 955_000): PatchProposal {
  const causes = [{ fault: 'loop-stalled', at: { replica: 'aegis-1' }, scorePermille: 850 }] as const;
  const proposal = propose(causes, ['ElectionStorm'], gate(pauseMaxUs));
  if (proposal.kind !== 'patch') throw new Error(`not a patch: ${JSON.stringify(proposal)}`);
  return proposal;
}

export function sampleRequest(
  more: {
    pauseMaxUs?: number;
    target?: Target;
    verification?: Verification;
    evidence?: readonly string[];
    incident?: string;
  } = {},
): ProposalPage {
  const {
    pauseMaxUs,
    target = TARGET,
    verification,
    evidence = ['loopMax of aegis-1 955 ms, usually 12 ms'],
  } = more;
  return proposalPage({
    target,
    path: 'orders.yaml',
    proposal: sampleProposal(pauseMaxUs),
    base,
    window: {
      incident: more.incident ?? 'orders-1',
      classes: ['ElectionStorm'],
      from: ONSET,
      to: ONSET + 60_000,
      evidence,
    },
    verification,
    validUntil: ONSET + 14 * 86_400_000,
  });
}

export function samplePostmortem(
  outcomes: readonly Outcome[],
  over?: number,
  incident = 'orders-1',
): PostmortemPage {
  return postmortemPage({
    target: TARGET,
    incident,
    classes: ['ElectionStorm'],
    onset: ONSET,
    detected: ONSET + 20_000,
    over,
    timeline: [{ at: ONSET + 5_000, what: 'aegis-2 became leader, term 4' }],
    impact: ['4 s without a commit', '120 commands failed'],
    causes: [{ fault: 'loop-stalled', at: { replica: 'aegis-1' }, scorePermille: 850 }],
    similar: [],
    lessons: ['An election timeout below the longest pause makes elections out of pauses.'],
    outcomes,
  });
}
