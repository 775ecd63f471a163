import type { EvidenceRecord } from '../../evidence/index.js';
import type { IncidentState, Recommendation } from '../../run/records.js';
import { outputOf } from '../../run/records.js';
import type { WayStep } from '../page/wire.js';

const STATIONS = [
  'Signal',
  'Incident',
  'Cause',
  'Proposal',
  'Envelope',
  'Verification',
  'Branch',
  'Merge',
  'Applied',
] as const;
type Station = (typeof STATIONS)[number];

interface Reached {
  readonly text: string;
  readonly at: number | null;
  /** It goes no further from here. */
  readonly stopped?: boolean;
}

/**
 * The way of a recommendation from the first signal to the merge: what was reached and when, what it waits for, where it ended.
 * @param records of this incident alone
 */
export function wayOf(
  state: IncidentState,
  records: readonly EvidenceRecord[],
  recommendation: Recommendation | undefined,
): readonly WayStep[] {
  const reached = reachedIn(state, records, recommendation);
  const stoppedAt = STATIONS.findIndex((name) => reached[name]?.stopped === true);
  const next = STATIONS.findIndex((name) => reached[name] === undefined);
  return STATIONS.map((name, at): WayStep => {
    const { text, at: when, stopped } = reached[name] ?? {};
    if (text !== undefined && (stoppedAt < 0 || at <= stoppedAt))
      return { name, text, at: when ?? null, state: stopped === true ? 'stopped' : 'done' };
    return { name, text: null, at: null, state: stoppedAt < 0 && at === next ? 'waits' : 'ahead' };
  });
}

function reachedIn(
  state: IncidentState,
  records: readonly EvidenceRecord[],
  recommendation: Recommendation | undefined,
): Partial<Record<Station, Reached>> {
  const at = (step: string): number | null => records.findLast((each) => each.step === step)?.at ?? null;
  const cause = outputOf(records, 'diagnose');
  const proposal = outputOf(records, 'propose');
  const decision = outputOf(records, 'decide');
  const verification = outputOf(records, 'verify');
  const published = outputOf(records, 'publish');
  const outcome = outputOf(records, 'outcome');
  const ended = outputOf(records, 'ended');
  const merged = outcome?.state === 'Merged';
  return {
    Signal: { text: state.classes.join(', '), at: state.onset },
    Incident: { text: state.id, at: state.openedAt },
    ...(cause === undefined ? {} : { Cause: causeOf(cause.ranked[0], at('diagnose')) }),
    ...(proposal === undefined ? {} : { Proposal: proposalOf(proposal, at('propose')) }),
    ...(proposal?.kind === 'patch' && decision !== undefined
      ? { Envelope: envelopeOf(decision, at('decide')) }
      : {}),
    ...(proposal?.kind === 'refused'
      ? { Envelope: { text: proposal.why, at: at('propose'), stopped: true } }
      : {}),
    ...(verification === undefined
      ? {}
      : {
          Verification: {
            text: verification.result,
            at: at('verify'),
            stopped: verification.result !== 'Improves',
          },
        }),
    ...(published === undefined ? {} : { Branch: { text: published.branch, at: at('publish') } }),
    ...(outcome?.state === 'Closed'
      ? { Merge: { text: 'A person closed it.', at: at('outcome'), stopped: true } }
      : {}),
    ...(ended !== undefined && !merged
      ? { Merge: { text: `${ended.phase}: ${ended.reason}`, at: at('ended'), stopped: true } }
      : {}),
    ...(merged ? { Merge: { text: `by ${outcome.mergedBy ?? 'a person'}`, at: at('outcome') } } : {}),
    ...(recommendation?.phase === 'Applied'
      ? { Applied: { text: 'Every replica runs it.', at: at('applied') } }
      : {}),
  };
}

function causeOf(first: { readonly fault: string } | undefined, at: number | null): Reached {
  return first === undefined ? { text: 'none that was seen explains it', at } : { text: first.fault, at };
}

type Output<S extends Parameters<typeof outputOf>[1]> = NonNullable<ReturnType<typeof outputOf<S>>>;

function proposalOf(proposal: Output<'propose'>, at: number | null): Reached {
  if (proposal.kind === 'advice')
    return { text: 'No setting helps: it is advice for people.', at, stopped: true };
  const changes = Object.entries(proposal.patch).map(([name, value]) => `${name} ${value}`);
  return { text: changes.join(', '), at };
}

function envelopeOf({ act }: Output<'decide'>, at: number | null): Reached {
  if (act.kind === 'hold') return { text: act.message, at, stopped: true };
  if (act.kind === 'keep') return { text: 'Just this is proposed already.', at, stopped: true };
  return { text: 'It passes every rule.', at };
}
