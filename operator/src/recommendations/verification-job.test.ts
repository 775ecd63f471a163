import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { TuningRecommendation } from '@aegis/crds';
import { verificationName, VERIFICATION_TRIES_MAX } from '../build/verification.js';
import { RESOURCES } from '../kube/resource.js';
import { sampleCluster } from '../testing/cluster.js';
import { startContext, type TestContext } from '../testing/context.js';
import { startScene, until, type Scene } from '../testing/scene.js';
import { reconcileRecommendations } from './reconcile.js';
import { answerTo, JobWorld, sampleRecommendation } from './testing.js';

let scene: Scene;
let context: TestContext;
let world: JobWorld;
let now: Date;

beforeEach(async () => {
  scene = await startScene();
  context = await startContext(scene, {});
  world = new JobWorld(scene);
  now = new Date();
  context.setNow(now);
  const { metadata, ...cluster } = sampleCluster();
  await scene.client.apply(RESOURCES.clusters, {
    ...cluster,
    metadata: { name: metadata.name, namespace: scene.namespace },
  });
});
afterEach(async () => {
  context.stop();
  await scene.end();
});

async function propose(name = 'orders-1', spec: Partial<TuningRecommendation['spec']> = {}) {
  const { metadata, ...rest } = sampleRecommendation(name, spec);
  return scene.client.create(RESOURCES.recommendations, {
    ...rest,
    metadata: { name: metadata.name, namespace: scene.namespace },
  });
}

async function stored(name = 'orders-1'): Promise<TuningRecommendation> {
  return (await scene.client.get(RESOURCES.recommendations, { namespace: scene.namespace, name }))!;
}

/** Looks once everything that there is was heard of. */
async function look() {
  const same = async (): Promise<boolean> => {
    for (const cache of [context.caches.recommendations, context.caches.jobs, context.caches.pods] as const) {
      const there = await scene.client.list(cache.type as typeof RESOURCES.pods, {
        namespace: scene.namespace,
      });
      const versions = (items: readonly { metadata: { resourceVersion?: string } }[]) =>
        items
          .map(({ metadata }) => String(metadata.resourceVersion))
          .toSorted((a, b) => a.localeCompare(b))
          .join();
      if (versions(there.items) !== versions(cache.list())) return false;
    }
    return context.caches.clusters.list().length > 0;
  };
  await until(same, 'the caches as the server');
  return reconcileRecommendations(context);
}

const verifying = ({ status }: TuningRecommendation) =>
  status?.conditions?.find(({ type }) => type === 'Verifying');

test('a question is answered by a pod without rights, network and power', async () => {
  const { spec, metadata } = await propose();
  await look();
  const job = await world.onlyJob();
  const { template, ...limits } = job.spec!;
  expect(job.metadata.ownerReferences).toMatchObject([{ uid: metadata.uid, controller: true }]);
  expect(limits).toMatchObject({
    backoffLimit: VERIFICATION_TRIES_MAX - 1,
    activeDeadlineSeconds: 600,
    ttlSecondsAfterFinished: 3_600,
  });
  expect(template.spec).toMatchObject({
    automountServiceAccountToken: false,
    serviceAccountName: job.metadata.name,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        image: 'aegis-operator:test',
        command: ['aegis-verifier'],
        resources: { limits: { cpu: '2', memory: '2Gi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  });
  const ref = { namespace: scene.namespace, name: job.metadata.name };
  const policy = await scene.client.get(RESOURCES.networkPolicies, ref);
  expect(policy!.spec).toEqual({
    podSelector: { matchLabels: { 'aegis.dev/verification': job.metadata.name } },
    policyTypes: ['Ingress', 'Egress'],
  });
  expect(template.metadata!.labels).toMatchObject(policy!.spec!.podSelector!.matchLabels!);
  expect(await scene.client.get(RESOURCES.serviceAccounts, ref)).toMatchObject({
    automountServiceAccountToken: false,
  });
  expect(await scene.client.get(RESOURCES.configMaps, ref)).toMatchObject({
    immutable: true,
    data: { 'question.json': spec.question },
  });

  await look();
  expect(verifying(await stored())).toMatchObject({ status: 'True', reason: 'Running' });
  await world.pod(job, JSON.stringify(answerTo(spec.question!)));
  await world.end(job, 'Complete', now.getTime());
  await look();
  expect((await stored()).status).toMatchObject({
    phase: 'Verified',
    reason: 'Improves',
    observedGeneration: 1,
    verification: { result: 'Improves', delta: -5_800, seeds: 16, reportDigest: 'ab'.repeat(32) },
    conditions: [{ type: 'Verifying', status: 'False', reason: 'Improves' }],
  });
  expect(context.events.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
    'Normal VerificationBegun',
    'Normal Improves',
  ]);
  // What nobody needs goes; the Job stays for an hour, to be counted.
  await look();
  for (const kind of ['configMaps', 'networkPolicies', 'serviceAccounts'] as const)
    expect(await scene.client.get<never>(RESOURCES[kind] as never, ref)).toBeUndefined();
  await look();
  expect(await world.jobs).toHaveLength(1);
});

test.each([
  ['NoDifference', { deltaHigh: 900 }, 'Rejected', 'NoDifference'],
  ['Harm', { harmed: 'lag' }, 'Rejected', 'Harm'],
  ['CannotReproduce', {}, 'CannotReproduce', 'CannotReproduce'],
])('%s ends a recommendation', async (result, more, phase, reason) => {
  const { spec } = await propose();
  await look();
  const job = await world.onlyJob();
  await world.pod(job, JSON.stringify(answerTo(spec.question!, { result, ...more })));
  await world.end(job, 'Complete', now.getTime());
  await look();
  expect((await stored()).status).toMatchObject({ phase, reason, verification: { result } });
});

test.each([
  ['of another question', answerTo('another'), 'AnswerInvalid', /another question/],
  ['that contradicts itself', { deltaHigh: 1 }, 'AnswerInvalid', /its interval does not/],
  ['that is too long', { signal: 'x'.repeat(5_000) }, 'AnswerInvalid', /at most 4096/],
])('an answer %s verifies nothing', async (_, more, reason, message) => {
  const { spec } = await propose();
  await look();
  const job = await world.onlyJob();
  await world.pod(job, JSON.stringify(answerTo(spec.question!, more)));
  await world.end(job, 'Complete', now.getTime());
  await look();
  const { status } = await stored();
  expect(status).toMatchObject({ phase: 'Rejected', reason, message: expect.stringMatching(message) });
  expect(status!.verification).toBeUndefined();
});

test.each([
  ['runs another image', { image: 'evil:1' }],
  ['belongs to another Job of that name', { owner: '6f0c2b1e-0000-4000-8000-00000000dead' }],
])('a pod that %s is not listened to', async (_, forged) => {
  const { spec } = await propose();
  await look();
  const job = await world.onlyJob();
  await world.pod(job, JSON.stringify(answerTo(spec.question!)), forged);
  await world.end(job, 'Complete', now.getTime());
  await look();
  expect((await stored()).status!.phase).toBe('Proposed');
  context.setNow(new Date(now.getTime() + 61_000));
  await look();
  expect((await stored()).status).toMatchObject({ phase: 'Rejected', reason: 'AnswerLost' });
});

test('a Job that somebody changed, or made beforehand, is not believed', async () => {
  const { spec } = await propose();
  await look();
  const job = await world.onlyJob();
  await scene.client.merge(RESOURCES.jobs, job.metadata, { spec: { backoffLimit: 99 } });
  await world.pod(job, JSON.stringify(answerTo(spec.question!)));
  await world.end(job, 'Complete', now.getTime());
  await look();
  expect((await stored()).status).toMatchObject({ phase: 'Rejected', reason: 'JobChanged' });

  const second = await propose('orders-2');
  await scene.client.create(RESOURCES.configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: verificationName(second), namespace: scene.namespace },
    data: { 'question.json': '{}' },
  });
  await look();
  expect((await stored('orders-2')).status).toMatchObject({ phase: 'Rejected', reason: 'NameTaken' });
  expect(await world.jobs).toHaveLength(1);
});

test.each([
  ['BackoffLimitExceeded', 'VerificationFailed', /tried 2 times: a world broke a promise/],
  ['DeadlineExceeded', 'VerificationTimedOut', /more than 600 s/],
])('a Job that failed by %s is told, and not made again', async (why, reason, message) => {
  await propose();
  await look();
  const job = await world.onlyJob();
  await world.pod(job, 'a world broke a promise', { phase: 'Failed' });
  await world.end(job, 'Failed', now.getTime(), why);
  await look();
  const { status } = await stored();
  expect(status).toMatchObject({ phase: 'Rejected', reason, message: expect.stringMatching(message) });
  await look();
  await look();
  expect(await world.jobs).toHaveLength(1);
  expect(context.events.at(-1)).toMatchObject({ type: 'Warning', reason });
});

test('one at a time, and the next when it has ended', async () => {
  await propose('orders-1');
  await propose('orders-2');
  await look();
  await look();
  expect(verifying(await stored('orders-2'))).toMatchObject({ status: 'False', reason: 'Waiting' });
  const first = await world.onlyJob();
  await world.end(first, 'Failed', now.getTime(), 'BackoffLimitExceeded');
  await look();
  expect(await world.jobs).toHaveLength(2);
});

test.each([
  ['without a question', { question: undefined }, undefined],
  ['of a cluster that is not there', { clusterRef: { name: 'gone' } }, 'ClusterNotFound'],
  ['that asks about another patch', { patch: { electionTimeoutMs: 1_400 } }, 'QuestionDiffers'],
  ['whose time is over', { validUntil: '2020-01-01T00:00:00Z' }, 'NotVerified'],
])('a recommendation %s begins no Job', async (_, spec, reason) => {
  await propose('orders-1', spec as Partial<TuningRecommendation['spec']>);
  await look();
  expect((await stored()).status?.reason).toBe(reason);
  expect(await world.jobs).toEqual([]);
});
