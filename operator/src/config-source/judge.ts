import {
  checkEnvelope,
  resolveSettings,
  SettingsError,
  type ConsensusSettings,
  type Profile,
} from '@aegis/replica/settings';
import { ruleOn, type Authority, type Refusal } from './authority.js';
import { fingerprintOf, type Reading } from './document.js';
import type { ChangeRequest, BranchHistory } from './history.js';
import { conditionOf, type HoldCondition } from './reasons.js';

/** The cluster that the settings are for, as its spec says. */
export interface ClusterFacts {
  readonly namespace: string;
  readonly name: string;
  readonly profile: Profile;
  readonly replicas: number;
}

/** Settings that were verified for a pull request. */
export interface VerifiedSettings {
  readonly pullRequest: number;
  readonly settings: ConsensusSettings;
}

/** Where settings come from: the newest change of the document. */
export interface Provenance {
  readonly commit: string;
  /** Missing: pushed directly, which the cluster allows. */
  readonly pullRequest?: { readonly number: number; readonly url: string; readonly mergedBy: string };
}

export type Verdict =
  /** The branch says what runs. */
  | { readonly outcome: 'in-sync'; readonly head: string; readonly notes: readonly string[] }
  | {
      readonly outcome: 'apply';
      readonly head: string;
      /** As the document says; becomes the next `lastApplied`, together with provenance.commit. */
      readonly consensus: Partial<ConsensusSettings>;
      /** With the profile's defaults. */
      readonly settings: ConsensusSettings;
      readonly provenance: Provenance;
      /** Whether just these settings were verified for that request; else they are to be marked Unverified. */
      readonly verified: boolean;
      readonly notes: readonly string[];
    }
  /** Nothing is to be changed. */
  | { readonly outcome: 'hold'; readonly condition: HoldCondition };

export interface Standards {
  readonly cluster: ClusterFacts;
  readonly authority: Authority;
  /** Of the settings that were applied last from this very source; undefined: none yet. */
  readonly lastFingerprint: string | undefined;
  /** Going back to these is never refused by a rule. */
  readonly lastHealthy: ConsensusSettings | undefined;
  readonly verified: readonly VerifiedSettings[];
}

/** Decides from facts alone: the same history gives the same verdict, whenever and however often it is asked. */
export function judge(history: BranchHistory, standards: Standards): Verdict {
  const { reading, head } = history;
  if (!history.descends) {
    return hold({
      reason: 'HistoryRewritten',
      message: `The branch's head ${head.slice(0, 12)} does not come after the commit that was applied last.`,
    });
  }
  if (reading.kind === 'none') return hold({ reason: reading.reason, message: reading.message });
  const { notes, fingerprint } = reading;
  if (fingerprint === standards.lastFingerprint) return { outcome: 'in-sync', head, notes };
  const cut = unfinished(history, standards);
  if (cut !== undefined) return hold(cut);
  const rulings = history.changes.map((change) => ruleOn(change, standards.authority));
  const refused = rulings.filter((ruling) => !ruling.passed);
  if (refused[0] !== undefined) return hold(refused[0], refused.length - 1);
  const settings = safeSettings(reading, standards);
  if ('reason' in settings) return hold(settings);
  const newest = rulings[0];
  if (newest?.passed !== true) throw new Error('a document that is there was never changed');
  const { request } = newest;
  const provenance = provenanceOf(history.changes[0]!.commit, request);
  const verified = standards.verified.some((one) => {
    return one.pullRequest === request?.number && equal(one.settings, settings);
  });
  return { outcome: 'apply', head, consensus: reading.consensus, settings, provenance, verified, notes };
}

function unfinished(history: BranchHistory, { lastFingerprint }: Standards): Refusal | undefined {
  const { end, walked } = history;
  if (end === 'too-long') {
    const message = `${walked} commits back the settings that run were still not found.`;
    return { reason: 'HistoryTooLong', message };
  }
  if (end === 'unfinished') {
    return { reason: 'ReadingHistory', message: `Read ${walked} commits of the branch so far.` };
  }
  if (end === 'root' && lastFingerprint !== undefined) {
    const message = 'The settings that run stand nowhere in the first-parent history of the branch.';
    return { reason: 'HistoryRewritten', message };
  }
  return undefined;
}

/** The resulting settings, or which rule they break. */
function safeSettings(
  reading: Extract<Reading, { kind: 'settings' }>,
  { cluster, lastHealthy }: Standards,
): ConsensusSettings | Refusal {
  let settings: ConsensusSettings;
  try {
    settings = resolveSettings(cluster.profile, reading.consensus);
  } catch (error) {
    if (error instanceof SettingsError) return { reason: 'InvalidSettings', message: error.message };
    throw error;
  }
  if (lastHealthy !== undefined && equal(lastHealthy, settings)) return settings;
  const verdict = checkEnvelope(settings, { replicas: cluster.replicas });
  if (verdict.passed) return settings;
  const broken = verdict.findings.filter(({ passed, severity }) => !passed && severity === 'required');
  const message = broken.map(({ id, statement, reason }) => `Rule ${id}: ${statement}. ${reason}`).join(' ');
  return { reason: 'UnsafeSettings', message };
}

function provenanceOf(commit: string, request: ChangeRequest | undefined): Provenance {
  if (request === undefined) return { commit };
  const { number, url, mergedBy } = request;
  return { commit, pullRequest: { number, url, mergedBy: mergedBy?.login ?? '' } };
}

function equal(a: ConsensusSettings, b: ConsensusSettings): boolean {
  return fingerprintOf(a) === fingerprintOf(b);
}

function hold({ reason, message }: Refusal, more = 0): Verdict {
  const others = more === 0 ? '' : ` So do ${more} other changes since the settings that run.`;
  return { outcome: 'hold', condition: conditionOf(reason, `${message}${others}`) };
}
