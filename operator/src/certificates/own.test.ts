import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { hostOf } from '../build/names.js';
import { RESOURCES } from '../kube/resource.js';
import { sampleCluster } from '../testing/cluster.js';
import { startScene, type Scene } from '../testing/scene.js';
import { ROTATE_AUTHORITY, ROTATE_CERTIFICATES, OVERLAP } from './annotations.js';
import { dueMs } from './lifetime.js';
import { House } from './testing/house.js';

const DAY = 24;

let scene: Scene;
let house: House;
beforeEach(async () => {
  scene = await startScene();
  house = new House(scene, sampleCluster({ tls: { certificateDays: 90 } }));
});
afterEach(() => scene.end());

const digests = async (of: 'authority' | 'member' | 'client', file: string): Promise<string[]> =>
  (await house.certificates(of, file)).map(({ digest }) => digest);
const leaf = async (of: 'member' | 'client'): Promise<string> => (await digests(of, 'tls.crt'))[0]!;
const writes = (): string[] =>
  scene.proxy.requests.filter((line) => !line.startsWith('GET')).map((line) => line.split('?')[0]!);

test('the first pass makes an authority, and a certificate for members and for clients', async () => {
  const outcome = await house.pass();
  const { authority, member, client } = await house.secrets();
  expect(Object.keys(authority!.data!)).toEqual(['tls.crt', 'tls.key']);
  for (const secret of [member!, client!]) {
    expect(Object.keys(secret.data!).toSorted()).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
    expect(secret.data!['tls.key']).not.toBe(authority!.data!['tls.key']);
  }
  for (const secret of [authority!, member!, client!]) {
    expect(secret.type).toBe('kubernetes.io/tls');
    expect(secret.metadata.ownerReferences).toMatchObject([{ uid: house.cluster.metadata.uid }]);
  }
  expect(outcome).toMatchObject({ usable: true, problem: undefined, rotation: undefined });
  expect(outcome.ending?.endMs).toBe(house.nowMs + 90 * DAY * 3_600_000);
  expect(outcome.admin?.cert).toContain('BEGIN CERTIFICATE');
  await house.readAll();
  expect(house.strangers()).toEqual([]);
  expect((await house.certificates('client', 'tls.crt'))[0]!.x509.subject).toContain('O=aegis:client');
});

test("the members' certificate has the names of every pod that may come, and of the service", async () => {
  await house.pass();
  const { x509 } = (await house.certificates('member', 'tls.crt'))[0]!;
  for (const ordinal of [0, 6, 41]) {
    const host = hostOf('sample', 'house', ordinal);
    expect([x509.checkHost(host), x509.checkHost(`${host}.cluster.local`)]).not.toContain(undefined);
  }
  for (const host of ['sample-client', 'sample-client.house.svc', 'localhost'])
    expect(x509.checkHost(host)).toBe(host);
  expect(x509.checkHost('other-0.other-peers.house.svc')).toBeUndefined();
});

test('a second pass writes nothing', async () => {
  await house.settle();
  scene.proxy.requests.length = 0;
  const outcome = await house.pass();
  expect(writes()).toEqual([]);
  expect(outcome.againMs).toBe(DAY * 3_600_000);
});

test('names that are added to the spec come into the certificate, and nothing else changes', async () => {
  await house.settle();
  const authority = await digests('authority', 'tls.crt');
  const client = await leaf('client');
  const { tls } = house.cluster.spec;
  const clientNames = ['*.example.com', 'aegis.example.org'];
  house.cluster = { ...house.cluster, spec: { ...house.cluster.spec, tls: { ...tls, clientNames } } };
  await house.settle();
  const { x509 } = (await house.certificates('member', 'tls.crt'))[0]!;
  expect(x509.checkHost('a.example.com')).toBe('*.example.com');
  expect(x509.checkHost('aegis.example.org')).toBe('aegis.example.org');
  expect([await digests('authority', 'tls.crt'), await leaf('client')]).toEqual([authority, client]);
});

test('certificates are renewed at two thirds of their life, or a little earlier, in every life of the operator', async () => {
  await house.settle();
  const before = [await leaf('member'), await leaf('client')];
  house.wait(90 * DAY * (2 / 3 - 1 / 20) - 1);
  await house.settle();
  expect([await leaf('member'), await leaf('client')]).toEqual(before);
  house.wait((90 * DAY) / 20 + 1);
  const outcome = await house.settle();
  const after = [await leaf('member'), await leaf('client')];
  expect(after.filter((digest) => before.includes(digest))).toEqual([]);
  expect(outcome.ending?.endMs).toBe(house.nowMs + 90 * DAY * 3_600_000);
  expect(house.strangers()).toEqual([]);
  expect(house.events.map(({ reason }) => reason)).toEqual(Array(4).fill('CertificateIssued'));
});

test('two clusters are not renewed at the same moment, and each always at its own', async () => {
  await house.settle();
  const [certificate] = await house.certificates('member', 'tls.crt');
  const dueOf = (uid: string): number => {
    const { metadata } = house.cluster;
    return dueMs({ ...house.cluster, metadata: { ...metadata, uid } }, 'member', certificate!, 90);
  };
  const moments = Array.from({ length: 50 }, (_, at) => dueOf(`uid-${at}`) - house.nowMs);
  const lifeMs = 90 * DAY * 3_600_000;
  expect(new Set(moments).size).toBe(50);
  expect(Math.max(...moments)).toBeLessThanOrEqual((lifeMs * 2) / 3);
  expect(Math.min(...moments)).toBeGreaterThanOrEqual(lifeMs * (2 / 3 - 1 / 20));
  expect(Math.max(...moments) - Math.min(...moments)).toBeGreaterThan(lifeMs / 25);
  expect(dueOf('uid-7')).toBe(dueOf('uid-7'));
});

test('a shorter life in the spec counts for certificates that are there', async () => {
  await house.settle();
  house.wait(10 * DAY);
  const before = await leaf('member');
  const { tls } = house.cluster.spec;
  house.cluster = { ...house.cluster, spec: { ...house.cluster.spec, tls: { ...tls, certificateDays: 12 } } };
  const outcome = await house.settle();
  expect(await leaf('member')).not.toBe(before);
  expect(outcome.ending?.endMs).toBe(house.nowMs + 12 * DAY * 3_600_000);
});

test('an annotation asks for new certificates, once for each value', async () => {
  await house.settle();
  const seen = [await leaf('member')];
  for (const value of ['one', 'one', 'two']) {
    house.annotate({ [ROTATE_CERTIFICATES]: value });
    await house.settle();
    seen.push(await leaf('member'));
  }
  house.annotate({});
  await house.settle();
  seen.push(await leaf('member'));
  expect(new Set(seen).size).toBe(3);
  expect(seen[1]).toBe(seen[2]);
  expect(seen[3]).toBe(seen[4]);
  expect(await digests('authority', 'tls.crt')).toHaveLength(1);
});

test('the authority is replaced in three steps, each seen by all members before the next', async () => {
  await house.settle();
  const [old] = await digests('authority', 'tls.crt');
  const slow = house.pods[2]!;
  house.annotate({ [ROTATE_AUTHORITY]: 'now', [OVERLAP]: '0s' });
  slow.silent = true;
  // One that does not answer keeps even the first step from being taken.
  const waiting = await house.settle();
  expect(waiting.problem).toMatchObject({ reason: 'RotationHeldUp' });
  expect(waiting.problem?.message).toContain('sample-2');
  expect(await digests('authority', 'tls.crt')).toEqual([old]);

  slow.silent = false;
  await house.pass();
  slow.silent = true;
  const announced = await house.settle();
  const [fresh] = await digests('authority', 'tls.crt');
  expect(fresh).not.toBe(old);
  expect(announced.rotation).toMatch(/step 2 of 3 .* waits for sample-2/);
  expect(await digests('member', 'ca.crt')).toEqual([old, fresh]);
  expect(await digests('client', 'ca.crt')).toEqual([old, fresh]);
  // The certificates are of the old one still, and one that is renewed now is too.
  expect(
    (await house.certificates('member', 'tls.crt'))[0]!.x509.checkIssued(
      (await house.certificates('authority', 'old.crt'))[0]!.x509,
    ),
  ).toBe(true);
  house.annotate({ ...house.cluster.metadata.annotations, [ROTATE_CERTIFICATES]: 'meanwhile' });
  await house.pass();
  await house.readAll();
  expect(house.strangers()).toEqual([]);

  slow.silent = false;
  await house.readAll();
  await house.pass();
  slow.silent = true;
  await house.settle();
  const switched = await leaf('member');
  expect(
    (await house.certificates('member', 'tls.crt'))[0]!.x509.checkIssued(
      (await house.certificates('authority', 'tls.crt'))[0]!.x509,
    ),
  ).toBe(true);
  expect(await digests('member', 'ca.crt')).toEqual([old, fresh]);
  // Nothing is signed by the old one any more, and its key is gone.
  expect(Object.keys((await house.secrets()).authority!.data!)).toEqual(['tls.crt', 'tls.key']);
  expect(house.strangers()).toEqual([]);

  slow.silent = false;
  await house.readAll();
  const done = await house.settle();
  expect(await digests('member', 'ca.crt')).toEqual([fresh]);
  expect(await digests('client', 'ca.crt')).toEqual([fresh]);
  expect(await leaf('member')).toBe(switched);
  expect(done).toMatchObject({ rotation: undefined, problem: undefined });
  expect(house.strangers()).toEqual([]);
  const steps = house.events.filter(({ reason }) => reason === 'AuthorityRotation');
  expect(steps.map(({ message }) => message.slice(0, 11))).toEqual([
    'step 1 of 3',
    'step 2 of 3',
    'step 3 of 3',
  ]);
  // It was asked for once.
  await house.settle();
  expect(await digests('authority', 'tls.crt')).toEqual([fresh]);
});

test('a rotation leaves clients the time that any renewal leaves them, at each step', async () => {
  await house.settle();
  house.annotate({ [ROTATE_AUTHORITY]: 'now' });
  const trusted: number[] = [];
  const certificates = new Set<string>();
  for (let day = 0; day <= 62; day++) {
    await house.settle();
    trusted.push((await digests('member', 'ca.crt')).length);
    if (day < 45) certificates.add(await leaf('client'));
    house.wait(DAY);
  }
  expect(trusted.filter((count) => count === 2)).toHaveLength(60);
  expect(trusted.at(-1)).toBe(1);
  expect(certificates.size).toBe(2);
});

test('an overlap that cannot be read stops the rotation, and says so', async () => {
  await house.settle();
  for (const [value, why] of [
    ['soon', /must be a time such as/],
    ['31d', /must not be longer than a third/],
  ] as const) {
    house.annotate({ [ROTATE_AUTHORITY]: 'now', [OVERLAP]: value });
    const { problem } = await house.settle();
    expect(problem).toMatchObject({ reason: 'AnnotationInvalid' });
    expect(problem?.message).toMatch(why);
    expect(await digests('member', 'ca.crt')).toHaveLength(2);
  }
});

test('a pod that does not take a step is told after ten minutes', async () => {
  await house.settle();
  house.annotate({ [ROTATE_AUTHORITY]: 'now', [OVERLAP]: '0s' });
  await house.pass();
  house.pods[1]!.silent = true;
  expect((await house.settle()).problem).toBeUndefined();
  house.wait(0.25);
  const { problem } = await house.settle();
  expect(problem).toMatchObject({ reason: 'RotationHeldUp' });
  expect(problem?.message).toContain('sample-1');
});

test('an authority whose Secret was lost is replaced without a moment in which members do not trust each other', async () => {
  await house.settle();
  const [old] = await digests('member', 'ca.crt');
  house.annotate({ [OVERLAP]: '0s' });
  await scene.client.delete(RESOURCES.secrets, (await house.secrets()).authority!.metadata);
  for (let passes = 0; passes < 8; passes++) {
    await house.pass();
    // One after the other takes what is there.
    const { member } = await house.secrets();
    for (const pod of house.pods) {
      pod.read(member!);
      expect(house.strangers()).toEqual([]);
    }
    await house.readAll();
  }
  expect(await digests('member', 'ca.crt')).not.toContain(old);
  expect(await digests('member', 'ca.crt')).toEqual(await digests('authority', 'tls.crt'));
});

test.each([
  ['a lost key', { 'tls.key': null }],
  ['nonsense', { 'tls.crt': 'nonsense' }],
  ['no authority', { 'ca.crt': '' }],
] as const)('%s in the Secret of the members is mended at once', async (_, damage) => {
  await house.settle();
  await house.damage('member', damage);
  await house.settle();
  expect(house.strangers()).toEqual([]);
  expect(await digests('member', 'ca.crt')).toEqual(await digests('authority', 'tls.crt'));
});

test("another cluster's certificate in the Secret of the members is replaced at once", async () => {
  const other = new House(scene, { ...sampleCluster({}, 'other') });
  await other.settle();
  await house.settle();
  const strange = (await other.secrets()).member!.data!;
  const decoded = Object.fromEntries(
    Object.entries(strange).map(([file, text]) => [file, Buffer.from(text, 'base64').toString()]),
  );
  await house.damage('member', { 'tls.crt': decoded['tls.crt']!, 'tls.key': decoded['tls.key']! });
  await house.settle();
  expect(house.strangers()).toEqual([]);
});

test("another cluster's authority in the Secret of the members is trusted by nobody any more after one pass", async () => {
  const other = new House(scene, { ...sampleCluster({}, 'other') });
  await other.settle();
  await house.settle();
  const strange = (await other.certificates('authority', 'tls.crt'))[0]!;
  await house.damage('member', { 'ca.crt': strange.pem });
  await house.pass();
  for (const of of ['member', 'client'] as const)
    expect(await digests(of, 'ca.crt')).toEqual(await digests('authority', 'tls.crt'));
});

test('an authority that cannot be read is told, and nothing is changed', async () => {
  await house.settle();
  const before = await house.secrets();
  await house.damage('authority', { 'tls.key': 'nonsense' });
  scene.proxy.requests.length = 0;
  const { problem, usable } = await house.pass();
  expect([problem?.reason, usable]).toEqual(['AuthorityInvalid', true]);
  expect(problem?.message).toMatch(/sample-authority has a tls\.crt or tls\.key that cannot be read/);
  expect(writes()).toEqual([]);
  expect((await house.secrets()).member).toEqual(before.member);
});

test('a Secret of somebody else is left alone', async () => {
  const metadata = { namespace: 'house', name: 'sample-client' };
  await scene.client.create(RESOURCES.secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    data: { a: 'YQ==' },
  });
  await expect(house.pass()).rejects.toMatchObject({ reason: 'NameTaken' });
  expect((await house.secrets()).client?.data).toEqual({ a: 'YQ==' });
  expect((await house.secrets()).authority).toBeUndefined();
});

test('a paused cluster is only looked at, and told when its certificates want renewal', async () => {
  await house.settle();
  house.cluster = { ...house.cluster, spec: { ...house.cluster.spec, paused: true } };
  scene.proxy.requests.length = 0;
  expect(await house.pass()).toMatchObject({ usable: true, problem: undefined });
  house.wait(61 * DAY);
  const { problem, admin } = await house.pass();
  expect(problem?.reason).toBe('RenewalPaused');
  expect(admin).toBeDefined();
  expect(writes()).toEqual([]);
});

test('who decided on something older writes nothing', async () => {
  await house.settle();
  const { member } = await house.secrets();
  await house.damage('member', { extra: 'x' });
  await expect(
    scene.client.apply(RESOURCES.secrets, { ...member!, data: { 'ca.crt': 'YQ==' } }),
  ).rejects.toMatchObject({ code: 409 });
});
