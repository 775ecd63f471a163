import type { AegisCluster, Incident, TuningRecommendation, TuningRecommendationStatus } from '@aegis/crds';
import { Cache, KubeClient } from '@aegis/operator/kube';
import {
  plainServer,
  refuseQuestion,
  RESOURCES,
  sampleCluster,
  TestApiServer,
} from '@aegis/operator/testing';
import { resolveSettings } from '@aegis/replica/settings';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EvidenceLog } from '../evidence/index.js';
import type { Forge, RequestState } from '../forge/index.js';
import { IMPROVES, ONSET, TARGET } from '../forge/testing/pages.js';
import { DEFAULT_POLICY } from '../propose/index.js';
import { AgentFolder } from '../run/agent-folder.js';
import { question } from '../run/question.js';
import type { IncidentState, Work } from '../run/records.js';
import { Worker } from '../run/worker.js';
import { writeRecording } from '../telemetry/index.js';
import { NAMES } from '../testing/cluster.js';
import { STALLS } from '../testing/made-up.js';
import { Mirror } from './mirror.js';
import { OperatorVoice } from './operator-voice.js';

jest.setTimeout(120_000);

const INCIDENT = 'i-20260304t120120z';
const NAME = `orders-${INCIDENT}`;
const SETTINGS = resolveSettings('all');
const CHANGING = new Set<string>(['create', 'replace', 'apply', 'merge', 'delete', 'evict']);
const REQUEST: RequestState = {
  number: 7,
  url: 'https://forge/7',
  branch: 'aegis/tuning/x',
  state: 'Open',
  head: 'ab'.repeat(20),
  takenOver: false,
};

let path: string;
let server: TestApiServer;
/** As the operator and people write. */
let others: KubeClient;
let client: KubeClient;
/** What the agent changed. */
let changes: string[];
let ended: AbortController;
let clusters: Cache<AegisCluster>;
let folder: AgentFolder;
let request: RequestState;

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'aegis-loop-'));
  folder = new AgentFolder(join(path, 'agent'));
  server = new TestApiServer();
  await server.start();
  others = new KubeClient(plainServer(server.url));
  changes = [];
  client = watched(new KubeClient(plainServer(server.url)));
  ended = new AbortController();
  request = REQUEST;
  const cluster: AegisCluster = {
    ...sampleCluster({}, 'orders'),
    metadata: { name: 'orders', namespace: 'shop' },
  };
  await others.create(RESOURCES.clusters, cluster);
  const members = NAMES.map((pod, at) => ({ id: at + 1, pod, role: 'Follower' as const, ready: true }));
  const lastTransitionTime = '2026-03-04T11:00:00Z';
  const synced = {
    type: 'ConfigInSync',
    status: 'True' as const,
    reason: 'x',
    message: '',
    lastTransitionTime,
  };
  const settings = { effective: SETTINGS, lastHealthy: SETTINGS, source: { kind: 'Defaults' as const } };
  const status = { clusterId: TARGET.clusterId, members, settings, conditions: [synced] };
  await others.apply(RESOURCES.clusters, { ...cluster, status }, { subresource: 'status' });
  clusters = new Cache(RESOURCES.clusters, { namespaces: undefined });
  void clusters.run(others, () => undefined, ended.signal);
  await clusters.synced;
  lay();
});
afterEach(async () => {
  ended.abort();
  await server.stop();
  rmSync(path, { recursive: true });
});

/** Notes what is changed by it. */
function watched(kube: KubeClient): KubeClient {
  return new Proxy(kube, {
    get: (target, name: keyof KubeClient) => {
      const call = target[name] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        const [type, , , part] = args as [{ plural: string }, unknown, unknown, string | undefined];
        if (CHANGING.has(name)) changes.push(`${name} ${type.plural}${part === undefined ? '' : `/${part}`}`);
        return call.apply(target, args);
      };
    },
  });
}

function lay(): void {
  const state: IncidentState = {
    ...{ id: INCIDENT, classes: ['ElectionStorm'], onset: ONSET, openedAt: ONSET + 20_000 },
    lastSeen: ONSET + 80_000,
  };
  folder.write('incidents', INCIDENT, { kind: 'Incident', version: 1, ...state });
  const work: Work = {
    ...{ id: INCIDENT, target: TARGET, profile: 'all', replicas: 5, base: SETTINGS, lastHealthy: SETTINGS },
    ...{ quorumMargin: 2, beganAt: ONSET },
  };
  folder.write('recordings', INCIDENT, { recording: writeRecording(STALLS) });
  folder.write('work', INCIDENT, work);
}

const forge: Forge = {
  check: () => Promise.resolve(),
  publish: () => Promise.resolve({ ...request, did: 'opened' }),
  stateOf: () => Promise.resolve(request),
  withdraw: () => Promise.resolve(request),
  postmortem: () => Promise.resolve({ number: 8, url: 'https://forge/8', did: 'opened' }),
};

/** One life of the agent. */
async function life(duty: (worker: Worker, mirror: Mirror) => Promise<void>): Promise<void> {
  const evidence = EvidenceLog.open(folder.evidencePath);
  const { signal } = ended;
  try {
    const pods = new Cache(RESOURCES.pods, { namespaces: undefined });
    const ref = { namespace: 'shop', name: 'orders' };
    const now = () => ONSET + 100_000;
    const voice = new OperatorVoice({
      client,
      sight: { clusters, pods },
      cluster: ref,
      evidence,
      now,
      signal,
    });
    const worker = new Worker({
      ...{ folder, evidence, forge, supervisor: voice, path: 'orders.yaml', policy: DEFAULT_POLICY },
      ...{ question, now, signal, sleep: () => sleep(5), log: () => undefined },
    });
    const members = () => Object.fromEntries(NAMES.map((name, at) => [name, at + 1]));
    await duty(worker, new Mirror({ client, folder, evidence, target: TARGET, members, signal }));
  } finally {
    evidence.close();
  }
}

const stored = () => others.get(RESOURCES.recommendations, { namespace: 'shop', name: NAME });

/** The operator, once the recommendation is there. */
async function operator(status: TuningRecommendationStatus): Promise<void> {
  let asked: TuningRecommendation | undefined;
  while ((asked = await stored()) === undefined) await sleep(5);
  await others.apply(RESOURCES.recommendations, { ...asked, status }, { subresource: 'status' });
}

const verified: TuningRecommendationStatus = {
  phase: 'Verified',
  reason: 'Improves',
  verification: {
    ...(IMPROVES as typeof IMPROVES & { harmed: string }),
    ...{ reportDigest: 'ab'.repeat(32), completedTime: '2026-03-04T12:02:00Z' },
  },
};

describe('the loop by way of resources', () => {
  test('incident, recommendation, verification by the operator, request; and what a person makes of it', async () => {
    await Promise.all([
      life(async (worker, mirror) => {
        await worker.work();
        await mirror.publish();
      }),
      operator(verified),
    ]);
    const made = (await stored())!;
    expect(made).toMatchObject({
      spec: { clusterRef: { name: 'orders' }, incidentRef: { name: NAME }, replicas: 5, base: SETTINGS },
      status: {
        phase: 'PullRequestOpen',
        verification: { result: 'Improves' },
        pullRequest: { number: 7, url: 'https://forge/7', state: 'Open' },
      },
    });
    // The operator takes what the agent asks.
    expect(refuseQuestion(made, clusters.list()[0])).toBeUndefined();
    const incident: Incident | undefined = await others.get(RESOURCES.incidents, {
      namespace: 'shop',
      name: NAME,
    });
    expect(incident).toMatchObject({
      spec: { class: 'ElectionStorm', onsetTime: '2026-03-04T12:00:00Z' },
      status: { phase: 'Open', recommendations: [NAME], postmortemUrl: 'https://forge/8' },
    });
    const { causes, evidence } = incident!.status!;
    expect(causes![0]).toMatchObject({
      ...{ kind: 'LoopStalled', member: 1 },
      path: expect.arrayContaining(['ElectionStorm at cluster']),
    });
    const speaking = evidence!.filter(({ id }) => causes![0]!.evidence.includes(id));
    expect(speaking).toEqual([
      {
        ...{ id: 'e1', signal: 'loopMax: the process or its event loop stood still', member: 1 },
        ...{ observed: '0.9 seconds', usual: 'at most 0.5 seconds' },
        ...{ fromTime: '2026-03-04T12:00:24Z', toTime: '2026-03-04T12:00:56Z' },
      },
    ]);

    request = { ...REQUEST, state: 'Merged', mergedBy: 'ada', commit: 'cd'.repeat(20) };
    await life(async (worker, mirror) => {
      await worker.follow();
      await mirror.publish();
    });
    // That it was merged, and applied, is the operator's to say.
    expect((await stored())!.status).toMatchObject({
      phase: 'PullRequestOpen',
      pullRequest: { state: 'Merged', mergedBy: 'ada' },
    });
    expect(new Set(changes)).toEqual(
      new Set([
        'create incidents',
        'replace incidents/status',
        'create tuningrecommendations',
        'replace tuningrecommendations/status',
      ]),
    );
  });

  test('a second life asks nothing twice, and says nothing twice', async () => {
    const all = () =>
      life(async (worker, mirror) => {
        await worker.work();
        await mirror.publish();
      });
    await Promise.all([all(), operator(verified)]);
    const before = server.storage.version;
    await all();
    await all();
    expect(server.storage.version).toBe(before);
    expect(server.storage.list('aegis.dev/v1alpha1/tuningrecommendations').length).toBeLessThan(2);
  });

  test.each([
    ['Rejected', 'VerificationTimedOut', /VerificationTimedOut: too late/],
    ['CannotReproduce', 'CannotReproduce', undefined],
  ] as const)('what the operator calls %s (%s) goes nowhere', async (phase, reason, why) => {
    const verification = { ...verified.verification!, result: 'CannotReproduce' as const };
    const status = { phase, reason, message: 'too late', ...(why === undefined ? { verification } : {}) };
    await Promise.all([
      life(async (worker, mirror) => {
        await worker.work();
        await mirror.publish();
      }),
      operator(status),
    ]);
    const recorded = folder.read('recommendations', INCIDENT)!;
    expect(recorded.phase).toBe(why === undefined ? 'CannotReproduce' : 'NotVerified');
    if (why !== undefined) expect(recorded.reason).toMatch(why);
    expect((await stored())!.status!.pullRequest).toBeUndefined();
    expect((await stored())!.status!.phase).toBe(phase);
  });

  test('a request that a person closed ends the recommendation', async () => {
    const both = () =>
      life(async (worker, mirror) => {
        await worker.work();
        await worker.follow();
        await mirror.publish();
      });
    await Promise.all([both(), operator(verified)]);
    request = { ...REQUEST, state: 'Closed' };
    await both();
    expect((await stored())!.status).toMatchObject({
      phase: 'Rejected',
      reason: 'Closed',
      pullRequest: { state: 'Closed' },
    });
  });
});
