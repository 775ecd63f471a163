import { API_VERSION, incident as kindOfIncident, type Incident, type IncidentStatus } from '@aegis/crds';
import { SIGNALS } from '../classify/index.js';
import { placeKey } from '../diagnose/index.js';
import type { Target } from '../forge/index.js';
import type { Explained, Measured } from '../graph/index.js';
import type { Findings, IncidentState } from '../run/records.js';
import { resourceName, secondsOf } from './recommendation.js';

const CAUSES_MAX = 10;

/** What was seen when it was opened. It never changes. */
export function incidentResource(target: Target, { id, classes, onset, openedAt }: IncidentState): Incident {
  const [first = 'Unknown', ...others] = classes;
  const { namespace, cluster } = target;
  return {
    apiVersion: API_VERSION,
    kind: kindOfIncident.kind,
    metadata: { name: resourceName(target, id), namespace },
    spec: {
      clusterRef: { name: cluster },
      class: first,
      ...(others.length === 0 ? {} : { alsoSeen: others }),
      onsetTime: secondsOf(onset),
      detectedTime: secondsOf(openedAt),
      summary: `${[first, ...others].join(', ')}, since ${secondsOf(onset)}.`,
    },
  };
}

/** Ids of members by the names of their pods. */
type Members = Readonly<Record<string, number>>;

interface Learned {
  readonly state: IncidentState & Partial<Findings>;
  /** Undefined: nothing was found yet, or by an agent that did not say on what it rests. */
  readonly explained: Partial<Explained> | undefined;
  readonly members: Members;
}

/** What was learned since, beside what the status says already. */
export function incidentStatus(
  { metadata, status = {} }: Incident,
  target: Target,
  { state, explained = {}, members }: Learned,
): IncidentStatus {
  const { causes, lastSeen, endedAt, recommendation, postmortem } = state;
  const { measured } = explained;
  return {
    ...status,
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    phase: endedAt === undefined ? 'Open' : 'Resolved',
    lastSeenTime: secondsOf(lastSeen),
    ...(endedAt === undefined ? {} : { resolvedTime: secondsOf(endedAt) }),
    ...(measured === undefined
      ? {}
      : { evidence: measured.map((each, index) => evidenceOf(each, index, members)) }),
    ...(causes === undefined
      ? {}
      : { causes: causes.slice(0, CAUSES_MAX).map((each) => causeOf(each, explained, members)) }),
    ...(recommendation === undefined ? {} : { recommendations: [resourceName(target, recommendation)] }),
    ...(postmortem === undefined || postmortem === '' ? {} : { postmortemUrl: postmortem.slice(0, 1_024) }),
  };
}

type Cause = NonNullable<IncidentStatus['causes']>[number];
type Evidence = NonNullable<IncidentStatus['evidence']>[number];

/** One cause with what speaks for it; the baseline's first alone has a path. */
function causeOf(
  { fault, at, sharePermille }: Findings['causes'][number],
  { ranked = [], because = [], path = [] }: Partial<Explained>,
  members: Members,
): Cause {
  const rank = ranked.findIndex((each) => each.fault === fault && placeKey(each.at) === at);
  return {
    kind: fault.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    ...placeOf(at, members),
    scorePermille: sharePermille,
    path: rank === 0 ? path.map(({ effect, at: where }) => `${effect} at ${placeKey(where)}`) : [],
    evidence: (because[rank] ?? []).map(idOf),
  };
}

function evidenceOf(
  { kind, feature, at, unit, worst, bound, onset, last }: Measured,
  index: number,
  members: Members,
): Evidence {
  const numbers = worst !== null && bound !== null;
  return {
    id: idOf(index),
    signal: `${feature}: ${SIGNALS[kind]?.text ?? kind}`,
    ...placeOf(at, members),
    observed: said(worst, unit),
    ...(numbers ? { usual: `${worst < bound ? 'at least' : 'at most'} ${said(bound, unit)}` } : {}),
    fromTime: secondsOf(onset),
    toTime: secondsOf(last),
  };
}

const idOf = (index: number): string => `e${index + 1}`;

/** `replica orders-1`, `link orders-1 orders-2`, or one word for all of them. */
function placeOf(at: string, members: Members): Pick<Cause, 'member' | 'peer'> {
  const [, one, other] = at.split(' ');
  const [member, peer] = [one, other].map((name) => (name === undefined ? undefined : members[name]));
  return { ...(member === undefined ? {} : { member }), ...(peer === undefined ? {} : { peer }) };
}

function said(value: number | null, unit: Measured['unit']): string {
  if (value === null) return 'no number';
  const rounded = String(Number(value.toPrecision(4)));
  return unit === 'flag' || unit === 'number' ? rounded : `${rounded} ${unit}`;
}
