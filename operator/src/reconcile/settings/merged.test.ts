import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { AegisCluster, TuningRecommendation } from '@aegis/crds';
import { resolveSettings } from '@aegis/replica/settings';
import type { ConfigDecision, ConfigQuestion, ConfigSources } from '../../config-source/index.js';
import type { Context } from '../../context.js';
import { RESOURCES } from '../../kube/resource.js';
import { answerTo, sampleRecommendation } from '../../recommendations/testing.js';
import { sampleCluster } from '../../testing/cluster.js';
import { startContext, type TestContext } from '../../testing/context.js';
import { startScene, until, type Scene } from '../../testing/scene.js';
import { appliedOf } from './applied.js';
import { wantedSettings } from './wanted.js';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const SOURCE = { repository: 'acme/settings', path: 'orders.yaml' };
const CONSENSUS = { electionTimeoutMs: 1200 };

let scene: Scene;
let context: TestContext;
let cluster: AegisCluster;
const questions: ConfigQuestion[] = [];
let answer: () => Promise<ConfigDecision>;

beforeEach(async () => {
  scene = await startScene();
  const started = await startContext(scene, {});
  const decide = (question: ConfigQuestion): Promise<ConfigDecision> => {
    questions.push(question);
    return answer();
  };
  context = { ...started, configSources: { decide } as ConfigSources };
  questions.length = 0;
  cluster = await declare({ configSource: SOURCE });
});
afterEach(async () => {
  context.stop();
  await scene.end();
});

async function declare(spec: Parameters<typeof sampleCluster>[0]): Promise<AegisCluster> {
  const { metadata, ...rest } = sampleCluster(spec);
  const { name } = metadata;
  return scene.client.apply(RESOURCES.clusters, { ...rest, metadata: { name, namespace: scene.namespace } });
}

const merged: ConfigDecision = {
  outcome: 'apply',
  head: COMMIT,
  consensus: CONSENSUS,
  settings: resolveSettings('all', CONSENSUS),
  provenance: { commit: COMMIT, pullRequest: { number: 7, url: 'https://forge/7', mergedBy: 'ada' } },
  verified: false,
  notes: [],
  askAgainMs: 42_000,
};
const held: ConfigDecision = {
  outcome: 'hold',
  condition: { type: 'ConfigInSync', status: 'False', reason: 'DirectPush', message: 'pushed' },
  askAgainMs: 60_000,
};
const source = { kind: 'Merge', commit: COMMIT, pullRequest: 7, url: 'https://forge/7', mergedBy: 'ada' };

const look = (each: Context = context) => wantedSettings(each, cluster);

async function takeOver(): Promise<void> {
  answer = () => Promise.resolve(merged);
  await look();
  await until(() => appliedOf(context, cluster) !== undefined, 'what was taken over is kept');
}

test('what was merged is taken over, kept, and the next question begins there', async () => {
  answer = () => Promise.resolve(merged);
  const wanted = await look();
  expect(wanted).toMatchObject({ settings: merged.settings, source: { ...source, verified: false } });
  expect(wanted.againAfterMs).toBe(42_000);
  expect(context.events.map(({ reason, message }) => `${reason} ${message}`)).toEqual([
    'SettingsMerged settings of commit 0123456789ab, request 7, merged by ada, are taken over',
  ]);
  await until(() => appliedOf(context, cluster) !== undefined, 'what was taken over is kept');
  answer = () => Promise.resolve({ outcome: 'in-sync', head: COMMIT, notes: [], askAgainMs: 1_000 });
  expect(await look()).toMatchObject({ settings: merged.settings, source, held: undefined });
  expect(questions.at(-1)!.lastApplied).toMatchObject({
    commit: COMMIT,
    consensus: CONSENSUS,
    branch: 'main',
  });
});

test('what was verified for requests of this cluster goes along with the question', async () => {
  answer = () => Promise.resolve({ ...merged, verified: true });
  const { metadata: _, ...made } = sampleRecommendation();
  const verification = { ...answerTo('{}'), completedTime: '2026-11-25T12:00:00Z' };
  const pullRequest = { number: 7, url: 'https://forge/7', branch: 'aegis/tuning/x', state: 'Open' };
  const propose = async (name: string, status: object, spec: object = {}): Promise<void> => {
    const metadata = { name, namespace: scene.namespace };
    const object = { ...made, spec: { ...made.spec, ...spec }, metadata } as TuningRecommendation;
    await scene.client.create(RESOURCES.recommendations, object);
    await scene.client.apply(RESOURCES.recommendations, { ...object, status }, { subresource: 'status' });
  };
  await propose('good', { verification, pullRequest });
  await propose('unverified', { pullRequest });
  await propose('harmful', { verification: { ...verification, result: 'Harm' }, pullRequest });
  await propose('not-asked', { verification });
  await propose('of-another', { verification, pullRequest }, { clusterRef: { name: 'other' } });
  await propose('of-three', { verification, pullRequest }, { replicas: 3 });
  const heard = (): number =>
    context.caches.recommendations.list().filter(({ status }) => status !== undefined).length;
  await until(() => heard() === 6, 'all are heard of');
  const wanted = await look();
  expect(questions.at(-1)!.verified).toEqual([
    { pullRequest: 7, settings: resolveSettings('all', made.spec.patch) },
  ]);
  expect(wanted.source).toMatchObject({ ...source, verified: true });
});

test('what goes against the pace of the agent is taken over, and told', async () => {
  const effective = { ...resolveSettings('all'), maxInflightMessages: 300, electionTimeoutMs: 500 };
  cluster = { ...cluster, status: { settings: { effective, source: { kind: 'Defaults' } } } };
  answer = () => Promise.resolve(merged);
  expect((await look()).settings).toEqual(merged.settings);
  const [event] = context.events;
  expect(event!.message).toContain('are taken over, against what binds the agent, and not people');
  expect(event!.message).toContain('pace-one-family: families changed: timing, flow');
  expect(event!.message).toContain('pace-at-most-double: electionTimeoutMs 500 to 1200');
});

test('what is refused changes nothing, and says why', async () => {
  answer = () => Promise.resolve(held);
  const before = await look();
  expect(before).toMatchObject({ settings: resolveSettings('all'), source: { kind: 'Defaults' } });
  expect(before.held).toMatchObject({ status: 'False', reason: 'DirectPush' });
  await takeOver();
  answer = () => Promise.resolve(held);
  expect(await look()).toMatchObject({ settings: merged.settings, source, held: { reason: 'DirectPush' } });
});

test('a forge that does not answer holds nobody up', async () => {
  await takeOver();
  answer = () => new Promise(() => undefined);
  const beganMs = performance.now();
  expect(await look()).toMatchObject({ settings: merged.settings, held: { status: 'Unknown' } });
  expect(performance.now() - beganMs).toBeLessThan(5_000);
});

test('the token comes out of the Secret that is named; without it nobody is asked', async () => {
  cluster = await declare({ configSource: { ...SOURCE, secretName: 'forge' } });
  answer = () => Promise.resolve(held);
  expect((await look()).held).toMatchObject({
    reason: 'TokenMissing',
    message: expect.stringContaining('forge'),
  });
  expect(questions).toEqual([]);
  await scene.client.create(RESOURCES.secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'forge', namespace: scene.namespace },
    data: { token: Buffer.from('secret-word\n').toString('base64') },
  });
  await look();
  expect(questions[0]!.source.token).toBe('secret-word');
});

test('a source that is taken out of the cluster is forgotten; a pause keeps nothing', async () => {
  await takeOver();
  cluster = await declare({});
  expect((await look()).source).toEqual({ kind: 'Defaults' });
  await until(() => appliedOf(context, cluster) === undefined, 'it is forgotten');
  cluster = await declare({ configSource: SOURCE, paused: true });
  answer = () => Promise.resolve(merged);
  await look();
  const ref = { namespace: scene.namespace, name: 'sample-applied' };
  expect(await scene.client.get(RESOURCES.configMaps, ref)).toBeUndefined();
});
