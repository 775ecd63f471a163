import type { AegisCluster, CLUSTER_CONDITIONS, Condition } from '@aegis/crds';
import { votes } from '../../members/observed.js';
import type { Report } from '../report.js';
import type { Trouble } from '../trouble.js';

export type Verdict = Pick<Condition, 'status' | 'reason' | 'message'>;
type Type = keyof typeof CLUSTER_CONDITIONS;

/** What the message of a condition may have. */
const MESSAGE_CHARACTERS_MAX = 4_096;

/** The conditions of a cluster; what could not be looked at this time stays as it was said before. */
export function conditionsOf(
  cluster: AegisCluster,
  report: Report,
  troubles: readonly Trouble[],
  inSync: boolean,
  now: Date,
): Condition[] {
  const said: Readonly<Record<Type, Verdict | undefined>> = {
    Available: available(report),
    Progressing: progressing(cluster, report),
    Degraded: degraded(report, troubles),
    ConfigInSync: configInSync(report, inSync),
    VolumesExist: volumesExist(troubles),
    DataLost: dataLost(report),
  };
  return Object.entries(said).flatMap(([type, verdict]) => {
    const before = cluster.status?.conditions?.find((condition) => condition.type === type);
    if (verdict === undefined) return before === undefined ? [] : [before];
    return [conditionOf(type, verdict, before, cluster.metadata.generation, now)];
  });
}

function conditionOf(
  type: string,
  { status, reason, message }: Verdict,
  before: Condition | undefined,
  observedGeneration: number | undefined,
  now: Date,
): Condition {
  const since = before?.status === status ? before.lastTransitionTime : `${now.toISOString().slice(0, 19)}Z`;
  return {
    type,
    status,
    reason,
    message: message.slice(0, MESSAGE_CHARACTERS_MAX),
    lastTransitionTime: since,
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
  };
}

function available({ observed, pods }: Report): Verdict | undefined {
  if (observed === undefined) return undefined;
  const { membership } = observed;
  if (membership !== undefined) {
    const voters = membership.members.filter(votes);
    const active = voters.filter((member) => member.active).length;
    const message = `member ${membership.leader} leads, and hears of ${active} of ${voters.length} voters`;
    return { status: 'True', reason: 'QuorumAnswers', message };
  }
  if (observed.record === undefined)
    return { status: 'False', reason: 'NotBegun', message: 'the first members are being brought together' };
  const errors = pods?.flatMap(({ statusError, ordinal }) =>
    statusError === undefined ? [] : [`${ordinal}: ${statusError}`],
  );
  const said = errors === undefined || errors.length === 0 ? '' : ` (${errors.join('; ')})`;
  return { status: 'False', reason: 'NoLeader', message: `no leader answers${said}` };
}

function progressing(
  { spec }: AegisCluster,
  { step, outcome, observed, certificates }: Report,
): Verdict | undefined {
  if (spec.paused)
    return { status: 'False', reason: 'Paused', message: 'spec.paused: nothing is changed, only looked at' };
  if (step === undefined || observed === undefined) return undefined;
  if (outcome !== undefined) return { status: 'True', reason: outcome.reason, message: outcome.message };
  if (step.kind === 'wait') return { status: 'True', reason: step.reason, message: step.message };
  if (step.kind === 'stuck') return { status: 'False', reason: step.reason, message: step.message };
  if (certificates?.rotation !== undefined)
    return { status: 'True', reason: 'AuthorityRotation', message: certificates.rotation };
  return {
    status: 'False',
    reason: 'AsWanted',
    message: `all ${observed.size} members are as they are wanted`,
  };
}

function degraded({ step, observed, settings }: Report, troubles: readonly Trouble[]): Verdict {
  const own = troubles.filter(({ condition }) => condition === 'Degraded');
  if (own.length > 0)
    return { status: 'True', reason: own[0]!.reason, message: own.map(({ message }) => message).join('; ') };
  if (step?.kind === 'stuck') return { status: 'True', reason: step.reason, message: step.message };
  if (step?.kind === 'wait' && step.reason === 'RollHeldUp')
    return { status: 'True', reason: step.reason, message: step.message };
  if (settings?.held?.reason === 'RolledBack')
    return { status: 'True', reason: 'RolledBack', message: settings.held.message };
  const away = observed?.membership?.members.filter((member) => !member.active) ?? [];
  if (away.length > 0) {
    const which = away.map(({ id, ordinal }) => `${id} in place ${ordinal}`).join(', ');
    return { status: 'True', reason: 'MemberAway', message: `the leader does not hear of member ${which}` };
  }
  return { status: 'False', reason: 'AsWanted', message: 'nothing is amiss' };
}

function configInSync({ settings, step }: Report, inSync: boolean): Verdict | undefined {
  if (settings === undefined) return undefined;
  if (settings.held !== undefined) return settings.held;
  if (inSync)
    return { status: 'True', reason: 'AsWanted', message: 'all members run the settings that are wanted' };
  const message =
    step?.kind === 'wait' ? step.message : 'the members are being restarted with the wanted settings';
  return { status: 'False', reason: 'Rolling', message };
}

function volumesExist(troubles: readonly Trouble[]): Verdict {
  const trouble = troubles.find(({ condition }) => condition === 'VolumesExist');
  return trouble === undefined
    ? { status: 'False', reason: 'None', message: 'no volumes of an earlier cluster stand in the way' }
    : { status: 'True', reason: trouble.reason, message: trouble.message };
}

function dataLost({ step }: Report): Verdict | undefined {
  if (step === undefined) return undefined;
  return step.kind === 'stuck' && step.reason === 'DataLost'
    ? { status: 'True', reason: step.reason, message: step.message }
    : { status: 'False', reason: 'None', message: 'the data is there' };
}
