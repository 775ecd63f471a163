import { API_VERSION, incident as kindOfIncident, type Incident, type IncidentStatus } from '@aegis/crds';
import type { Target } from '../forge/index.js';
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

/** What was learned since, beside what the status says already. */
export function incidentStatus(
  { metadata, status = {} }: Incident,
  target: Target,
  state: IncidentState & Partial<Findings>,
  members: Readonly<Record<string, number>>,
): IncidentStatus {
  const { causes, lastSeen, endedAt, recommendation, postmortem } = state;
  return {
    ...status,
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    phase: endedAt === undefined ? 'Open' : 'Resolved',
    lastSeenTime: secondsOf(lastSeen),
    ...(endedAt === undefined ? {} : { resolvedTime: secondsOf(endedAt) }),
    ...(causes === undefined
      ? {}
      : { causes: causes.slice(0, CAUSES_MAX).map((each) => causeOf(each, members)) }),
    ...(recommendation === undefined ? {} : { recommendations: [resourceName(target, recommendation)] }),
    ...(postmortem === undefined || postmortem === '' ? {} : { postmortemUrl: postmortem.slice(0, 1_024) }),
  };
}

type Cause = NonNullable<IncidentStatus['causes']>[number];

/** `replica orders-1`, `link orders-1 orders-2`, or one word for all of them. */
function causeOf(
  { fault, at, sharePermille }: Findings['causes'][number],
  members: Readonly<Record<string, number>>,
): Cause {
  const [, one, other] = at.split(' ');
  const [member, peer] = [one, other].map((name) => (name === undefined ? undefined : members[name]));
  return {
    kind: fault.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    ...(member === undefined ? {} : { member }),
    ...(peer === undefined ? {} : { peer }),
    scorePermille: sharePermille,
    path: [],
    evidence: [],
  };
}
