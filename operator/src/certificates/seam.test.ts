import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { labelsOf } from '../build/names.js';
import { ApiError } from '../kube/errors.js';
import { RESOURCES } from '../kube/resource.js';
import type { Said } from '../observe/members-port.js';
import { sampleCluster } from '../testing/cluster.js';
import { startContext, type TestContext } from '../testing/context.js';
import { startScene, until, type Scene } from '../testing/scene.js';
import { OVERLAP, ROTATE_AUTHORITY, ROTATE_CERTIFICATES } from './annotations.js';
import { readCertificates } from './certificate.js';
import { reconcileCertificates } from './index.js';
import { textOf } from './pair.js';

let scene: Scene;
let context: TestContext;
/** By address: whether the pod says what the Secret of the members holds. */
let answering: Set<string>;
beforeEach(async () => {
  scene = await startScene();
  answering = new Set();
  context = await startContext(scene, { member: (ip) => said(ip) });
});
afterEach(async () => {
  context.stop();
  await scene.end();
});

const cluster = (annotations: Readonly<Record<string, string>> = {}) => {
  const sample = sampleCluster();
  return { ...sample, metadata: { ...sample.metadata, namespace: scene.namespace, annotations } };
};
const memberSecret = async () =>
  (await scene.client.get(RESOURCES.secrets, { namespace: scene.namespace, name: 'sample-member' }))!;
const trusted = async (): Promise<string[]> =>
  readCertificates(textOf(await memberSecret(), 'ca.crt')!).map(({ digest }) => digest);

async function said(ip: string): Promise<Said> {
  if (!answering.has(ip)) throw new Error(`${ip} does not answer`);
  const { digest } = readCertificates(textOf(await memberSecret(), 'tls.crt')!)[0]!;
  const tls = { certificate: digest, authorities: await trusted() };
  return { state: 'member', nonce: 'ab'.repeat(16), clusterId: 'c', memberId: 1, tls };
}

async function makePod(name: string, podIP: string, nodeName: string | undefined): Promise<void> {
  const made = await scene.client.create(RESOURCES.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: scene.namespace, labels: labelsOf('sample') },
    spec: { containers: [], ...(nodeName === undefined ? {} : { nodeName }) },
  });
  await scene.client.apply(
    RESOURCES.pods,
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: scene.namespace },
      status: { podIP },
    },
    { subresource: 'status' },
  );
  await until(
    () => context.caches.pods.get(made.metadata)?.status?.podIP === podIP,
    `the pod ${name} is heard of`,
  );
}

test('a rotation waits for members that run, and for no other pods', async () => {
  await reconcileCertificates(context, cluster(), 'abcd');
  const [old] = await trusted();
  await makePod('sample-0', '10.0.0.1', 'node-a');
  await makePod('sample-1', '10.0.0.2', undefined);
  await makePod('sample-backup-x7k2p', '10.0.0.3', 'node-a');
  const rotating = cluster({ [ROTATE_AUTHORITY]: 'now', [OVERLAP]: '0s' });
  const held = await reconcileCertificates(context, rotating, 'abcd');
  expect(held.trouble?.reason).toBe('RotationHeldUp');
  expect(held.trouble?.message).toContain('before sample-0 use');
  answering.add('10.0.0.1');
  for (let passes = 0; passes < 8; passes++) {
    await reconcileCertificates(context, rotating, 'abcd');
    await until(async () => {
      const { metadata } = await memberSecret();
      return context.caches.secrets.get(metadata)?.metadata.resourceVersion === metadata.resourceVersion;
    }, 'the Secret is heard of');
  }
  expect(await trusted()).toHaveLength(1);
  expect((await trusted())[0]).not.toBe(old);
});

test('a cache that is behind costs another look, and nothing is made twice', async () => {
  const first = await reconcileCertificates(context, cluster(), 'abcd');
  expect(first.certificatesEnd).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const { metadata } = await memberSecret();
  await until(() => context.caches.secrets.get(metadata) !== undefined, 'the Secret is heard of');
  const stale = context.caches.secrets.get(metadata)!;
  await scene.client.merge(RESOURCES.secrets, metadata, { data: { 'tls.key': null } });
  const behind = new Proxy(context.caches, {
    get: (caches, name) =>
      name === 'secrets'
        ? {
            get: (ref: { name: string }) => (ref.name === metadata.name ? stale : caches.secrets.get(ref)),
          }
        : Reflect.get(caches, name),
  });
  const renamed = sampleCluster({ tls: { clientNames: ['a.example.com'] } });
  const wanted = { ...renamed, metadata: { ...renamed.metadata, namespace: scene.namespace } };
  await reconcileCertificates({ ...context, caches: behind }, wanted, 'abcd');
  const after = await memberSecret();
  expect(Object.keys(after.data!).toSorted()).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
  expect(readCertificates(textOf(after, 'tls.crt')!)[0]!.x509.checkHost('a.example.com')).toBe(
    'a.example.com',
  );
});

test('whoever saw an older step of a rotation does not undo the newer one', async () => {
  await reconcileCertificates(context, cluster(), 'abcd');
  const { metadata } = await memberSecret();
  const secretOf = (name: string) => scene.client.get(RESOURCES.secrets, { ...metadata, name });
  const before = new Map(
    await Promise.all(
      ['sample-authority', 'sample-member', 'sample-client'].map(
        async (name) => [name, await secretOf(name)] as const,
      ),
    ),
  );
  const rotating = cluster({ [ROTATE_AUTHORITY]: 'now' });
  await makePod('sample-0', '10.0.0.1', 'node-a');
  answering.add('10.0.0.1');
  await until(async () => {
    await reconcileCertificates(context, rotating, 'abcd');
    return (await trusted()).length === 2;
  }, 'both are trusted');
  const both = await trusted();
  const behind = new Proxy(context.caches, {
    get: (caches, name) =>
      name === 'secrets'
        ? { get: (ref: { name: string }) => before.get(ref.name) }
        : Reflect.get(caches, name),
  });
  const asking = cluster({ [ROTATE_AUTHORITY]: 'now', [ROTATE_CERTIFICATES]: 'now' });
  const serial = async () => readCertificates(textOf(await memberSecret(), 'tls.crt')!)[0]!.digest;
  const old = await serial();
  await reconcileCertificates({ ...context, caches: behind }, asking, 'abcd');
  expect(await trusted()).toEqual(both);
  expect(await serial()).not.toBe(old);
});

test('what the API server refuses is told to the caller', async () => {
  scene.proxy.answer({ status: 403, reason: 'Forbidden', only: ({ method }) => method === 'POST' });
  await expect(reconcileCertificates(context, cluster(), 'abcd')).rejects.toBeInstanceOf(ApiError);
});
