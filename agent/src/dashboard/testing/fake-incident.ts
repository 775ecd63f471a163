import { resolveSettings } from '@aegis/replica/settings';
import type { EvidenceLog } from '../../evidence/index.js';
import type { Forge, Published, Verification } from '../../forge/index.js';
import { IMPROVES, TARGET } from '../../forge/testing/pages.js';
import { followUp, runIncident, type Incident } from '../../graph/index.js';
import { DEFAULT_POLICY } from '../../propose/index.js';
import type { AgentFolder } from '../../run/agent-folder.js';
import { findingsOf, recommendationOf, type IncidentState, type Work } from '../../run/records.js';
import { FULL_DISK, STALLS } from '../../testing/made-up.js';

/** 12 pairs whose means are those of the verification. */
export const PAIRS = Array.from({ length: 12 }, (_, at) => [3_100 + 200 * at, 80 + 40 * at] as const);

export interface FakeIncident {
  readonly id: string;
  readonly beganAt: number;
  /** Undefined: it is open. */
  readonly endedAt?: number;
  readonly kind?: 'stalls' | 'full-disk';
  readonly verification?: Verification;
  /** What a person made of the proposal. */
  readonly became?: 'Open' | 'Merged' | 'Closed';
}

/** Takes a made-up incident through the real loop, with a forge that is not there, and lays it down as the worker does. */
export async function layIncident(
  folder: AgentFolder,
  evidence: EvidenceLog,
  {
    id,
    beganAt,
    endedAt,
    kind = 'stalls',
    verification = { ...IMPROVES, pairs: PAIRS },
    became = 'Open',
  }: FakeIncident,
): Promise<void> {
  const recording = kind === 'stalls' ? STALLS : FULL_DISK;
  const base = resolveSettings('all');
  const incident: Incident = {
    ...{ id, target: TARGET, recording, beganAt, profile: 'all', replicas: 5, base, quorumMargin: 2 },
  };
  let clock = beganAt + 80_000;
  const now = (): number => (clock += 1_700);
  const forge = forgeThat(became);
  await runIncident(incident, {
    ...{ evidence, forge, path: 'orders.yaml', policy: DEFAULT_POLICY, now },
    history: () => [],
    open: () => [],
    verify: async () => verification,
  });
  await followUp({ id, target: TARGET }, { evidence, forge, now });
  if (became === 'Merged') evidence.append(now(), id, 'applied', { commit: 'c0ffee' });
  const records = evidence.records.filter((record) => record.incident === id);
  const seen = records.find(({ step }) => step === 'classify')!.output as Pick<
    IncidentState,
    'classes' | 'onset'
  >;
  const { classes, onset } = seen;
  const state: IncidentState = { id, classes, onset, openedAt: onset + 10_000, lastSeen: beganAt + 60_000 };
  const ended = endedAt === undefined ? {} : { endedAt };
  const work: Work = {
    ...{ id, target: TARGET, profile: 'all', replicas: 5, base, lastHealthy: base, quorumMargin: 2, beganAt },
  };
  folder.write('incidents', id, { kind: 'Incident', version: 1, ...state, ...ended, ...findingsOf(records) });
  folder.write('work', id, work);
  const made = recommendationOf(records, TARGET);
  if (made !== undefined) folder.write('recommendations', id, made);
}

function forgeThat(became: 'Open' | 'Merged' | 'Closed'): Forge {
  const branch = 'aegis/tuning/7c4f2a90b1d3e586-shop-orders-timing';
  const published: Published = {
    ...{
      number: undefined,
      url: 'branch aegis/tuning',
      branch,
      state: 'Open',
      head: 'c0ffee',
      takenOver: false,
    },
    did: 'opened',
  };
  const merged = became === 'Merged' ? { mergedBy: 'ada', commit: 'c0ffee' } : {};
  return {
    check: async () => undefined,
    publish: async () => published,
    stateOf: async () => ({ ...published, state: became, ...merged }),
    withdraw: async () => undefined,
    postmortem: async () => ({ number: undefined, url: 'postmortems/orders.md', did: 'opened' }),
  };
}
