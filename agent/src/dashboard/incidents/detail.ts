import { SIGNALS } from '../../classify/index.js';
import type { EvidenceLog, EvidenceRecord } from '../../evidence/index.js';
import type { KeptSignal } from '../../graph/index.js';
import { placeKey } from '../../diagnose/index.js';
import type { AgentFolder, Contents } from '../../run/agent-folder.js';
import { outputOf, type Recommendation } from '../../run/records.js';
import type { IncidentDetail, ProposalSeen, SignalSeen, VerificationSeen } from '../page/wire.js';
import { faultText, lineOf } from './lines.js';
import { wayOf } from './way.js';

/** All that is to be shown of an incident. Undefined: there is none of this name. */
export function incidentDetail(
  folder: AgentFolder,
  evidence: Pick<EvidenceLog, 'records'>,
  id: string,
): IncidentDetail | undefined {
  const state = folder.names('incidents').includes(id) ? folder.read('incidents', id) : undefined;
  if (state === undefined) return undefined;
  const records = evidence.records.filter(({ incident }) => incident === id);
  const recommendation = folder.read('recommendations', id);
  return {
    ...lineOf(state, recommendation),
    signals: signalsIn(records),
    causes: (state.causes ?? []).map((cause) => ({ ...cause, text: faultText(cause.fault) })),
    path: pathIn(records),
    evidence: state.evidence ?? [],
    advice: state.advice ?? null,
    proposal: recommendation === undefined ? null : proposalOf(recommendation, folder.read('work', id)),
    way: wayOf(state, records, recommendation),
    postmortem: state.postmortem ?? null,
  };
}

/** Evidence of an agent before this one has none. */
function signalsIn(records: readonly EvidenceRecord[]): readonly SignalSeen[] | null {
  const kept = outputOf(records, 'classify') as { readonly signals?: readonly KeptSignal[] } | undefined;
  if (kept?.signals === undefined) return null;
  return kept.signals.map(({ kind, class: name, at, feature, unit, onset, last, worst, bound }) => {
    return { class: name, text: SIGNALS[kind]?.text ?? kind, at, feature, unit, onset, last, worst, bound };
  });
}

function pathIn(records: readonly EvidenceRecord[]): IncidentDetail['path'] {
  return outputOf(records, 'diagnose')?.path?.map(({ effect, at }) => ({ effect, at: placeKey(at) })) ?? null;
}

function proposalOf(made: Recommendation, work: Contents['work'] | undefined): ProposalSeen {
  const { family, patch, rollback, effect, risk, phase, reason, verification, branch, validUntil } = made;
  const before: Readonly<Record<string, number | undefined>> = { ...work?.base, ...rollback };
  return {
    ...{ family, effect, risk, phase, reason },
    changes: Object.entries(patch).map(([setting, to]) => ({ setting, from: before[setting] ?? null, to })),
    verification: verification === undefined ? null : verificationOf(verification),
    branch: branch ?? null,
    validUntil: validUntil ?? null,
  };
}

function verificationOf(made: NonNullable<Recommendation['verification']>): VerificationSeen {
  const nothing = { before: null, after: null, low: null, high: null, seeds: 0, harmed: null, pairs: null };
  if (made.result === 'NotVerified')
    return { result: made.result, why: made.why, signal: '', unit: '', ...nothing };
  const { result, signal, unit, before, after, deltaLow, deltaHigh, seeds, harmed, pairs } = made;
  return {
    ...{ result, why: null, signal, unit, seeds },
    ...{ before: before / 1000, after: after / 1000, low: deltaLow / 1000, high: deltaHigh / 1000 },
    harmed: harmed ?? null,
    pairs: pairs?.map(([was, is]) => [was / 1000, is / 1000] as const) ?? null,
  };
}
