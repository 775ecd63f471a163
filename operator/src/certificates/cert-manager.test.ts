import { Authority, type Lifetime, type Subject } from '@aegis/client/certificates';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RESOURCES } from '../kube/resource.js';
import { sampleCluster } from '../testing/cluster.js';
import { startScene, type Scene } from '../testing/scene.js';
import { OVERLAP } from './annotations.js';
import { CERTIFICATES } from './cert-manager/resource.js';
import { House } from './testing/house.js';

const issuerRef = { name: 'vault', kind: 'ClusterIssuer' };
const DAY_MS = 86_400_000;

let scene: Scene;
let house: House;
let authority: Authority;
beforeEach(async () => {
  scene = await startScene();
  house = new House(scene, sampleCluster({ tls: { issuer: 'CertManager', issuerRef, certificateDays: 60 } }));
  house.annotate({ [OVERLAP]: '0s' });
  authority = await Authority.create('vault', { now: new Date(house.nowMs) });
});
afterEach(() => scene.end());

const SUBJECTS: Readonly<Record<'member' | 'client' | 'admin', Subject>> = {
  member: {
    name: 'sample-member',
    role: 'aegis:replica',
    dnsNames: ['*.sample-peers.house.svc', 'sample-client.house.svc'],
  },
  client: { name: 'sample-client', role: 'aegis:client' },
  admin: { name: 'sample-admin', role: 'aegis:admin' },
};
type Asked = keyof typeof SUBJECTS;

/** What cert-manager does: writes the three files of a Secret. */
async function write(asked: Asked, files: Readonly<Record<string, string>>): Promise<void> {
  const metadata = { namespace: 'house', name: `sample-${asked}-issued` };
  const data = Object.fromEntries(
    Object.entries(files).map(([file, text]) => [file, Buffer.from(text).toString('base64')]),
  );
  await scene.client.delete(RESOURCES.secrets, metadata);
  await scene.client.create(RESOURCES.secrets, { apiVersion: 'v1', kind: 'Secret', metadata, data });
}

async function issue(asked: Asked, subject: Partial<Subject> = {}, lifetime: Lifetime = {}): Promise<void> {
  const now = new Date(house.nowMs);
  const { cert, key } = await authority.issue(
    { ...SUBJECTS[asked], ...subject },
    { days: 60, now, ...lifetime },
  );
  await write(asked, { 'ca.crt': authority.pem.cert, 'tls.crt': cert, 'tls.key': key });
}

async function issueAll(): Promise<void> {
  for (const asked of ['member', 'client', 'admin'] as const) await issue(asked);
}

const serial = async (of: 'member' | 'client'): Promise<string> =>
  (await house.certificates(of, 'tls.crt'))[0]!.x509.serialNumber;

test('a request for each of members, clients and the operator is made, and waited for', async () => {
  const outcome = await house.pass();
  const { items } = await scene.client.list(CERTIFICATES, { namespace: 'house' });
  expect(items.map(({ metadata }) => metadata.name)).toEqual([
    'sample-admin',
    'sample-client',
    'sample-member',
  ]);
  expect(items.map(({ spec }) => spec.subject.organizations[0])).toEqual([
    'aegis:admin',
    'aegis:client',
    'aegis:replica',
  ]);
  const { spec, metadata } = items[2]!;
  expect(metadata.ownerReferences).toMatchObject([{ uid: house.cluster.metadata.uid }]);
  expect(spec).toMatchObject({
    secretName: 'sample-member-issued',
    duration: '1440h',
    renewBefore: '480h',
    issuerRef: { ...issuerRef, group: 'cert-manager.io' },
    usages: ['digital signature', 'client auth', 'server auth'],
  });
  expect(spec.dnsNames).toContain('*.sample-peers.house.svc');
  expect(outcome).toMatchObject({
    usable: false,
    admin: undefined,
    problem: { reason: 'CertificatePending' },
  });
  expect(outcome.problem?.message).toContain('kubectl describe certificate -n house sample-member');
  expect(await house.secrets()).toEqual({});
});

test('a request that somebody changed is put right, and one that is right is not written again', async () => {
  await house.pass();
  scene.proxy.requests.length = 0;
  await house.pass();
  expect(scene.proxy.requests.filter((line) => line.includes('certificates'))).toEqual([]);
  house.restart();
  await house.pass();
  expect(scene.proxy.requests.filter((line) => !line.startsWith('GET'))).toEqual([]);
  const ref = { namespace: 'house', name: 'sample-client' };
  await scene.client.merge(CERTIFICATES, ref, { spec: { duration: '1h' } });
  house.wait(1);
  await house.pass();
  expect((await scene.client.get(CERTIFICATES, ref))?.spec.duration).toBe('1440h');
});

test('without cert-manager it is said what to do, and Secrets that a person made are taken', async () => {
  const missing = () => ({
    status: 404,
    reason: 'NotFound',
    only: ({ url }: { url: string }) => url.includes('cert-manager.io'),
  });
  scene.proxy.answer(missing(), missing());
  const { problem } = await house.pass();
  expect(problem?.reason).toBe('CertManagerMissing');
  expect(problem?.message).toMatch(/install cert-manager, or put .* into the Secret sample-member-issued/);
  await issueAll();
  scene.proxy.answer(missing(), missing());
  expect(await house.settle()).toMatchObject({ usable: true, problem: undefined });
  expect(house.strangers()).toEqual([]);
});

test('what is issued is taken, renewals too, and members and clients get nothing of the requests', async () => {
  await issueAll();
  const outcome = await house.settle();
  expect(outcome).toMatchObject({ usable: true, problem: undefined, rotation: undefined });
  expect(outcome.ending?.endMs).toBe(house.nowMs + 60 * DAY_MS);
  expect(outcome.admin?.cert).toBeDefined();
  const before = await serial('member');
  house.wait(24 * 40);
  await issueAll();
  await house.settle();
  expect(await serial('member')).not.toBe(before);
  expect(house.strangers()).toEqual([]);
});

describe('a Secret that is wrong is told, and changes nothing for members that run', () => {
  const good = async (): Promise<Record<string, string>> => {
    const { cert, key } = await authority.issue(SUBJECTS.member, { days: 60, now: new Date(house.nowMs) });
    return { 'ca.crt': authority.pem.cert, 'tls.crt': cert, 'tls.key': key };
  };
  const other = () => Authority.create('other', { now: new Date(house.nowMs) });
  test.each<[string, RegExp, () => Promise<unknown>]>([
    ['no key', /has no tls\.key/, async () => write('member', { ...(await good()), 'tls.key': '' })],
    [
      'the key of another',
      /has a tls\.key that is not the key of its tls\.crt/,
      async () => write('member', { ...(await good()), 'tls.key': (await good())['tls.key']! }),
    ],
    ['no authority', /has no ca\.crt/, async () => write('member', { ...(await good()), 'ca.crt': '' })],
    [
      'another authority',
      /no authority of its ca\.crt has signed/,
      async () => write('member', { ...(await good()), 'ca.crt': (await other()).pem.cert }),
    ],
    [
      'one that has ended',
      /ended on 2029-12-/,
      () => issue('member', {}, { days: 2, now: new Date(house.nowMs - 10 * DAY_MS) }),
    ],
    [
      'one of later',
      /good only from 2030-/,
      () => issue('member', {}, { now: new Date(house.nowMs + 10 * DAY_MS) }),
    ],
    [
      'other names',
      /does not cover the name sample-0\.sample-peers\.house\.svc/,
      () => issue('member', { dnsNames: ['*.other-peers.house.svc'] }),
    ],
    [
      'the role of a client',
      /of the organization aegis:client; it must be aegis:replica/,
      () => issue('member', { role: 'aegis:client' }),
    ],
    ['nonsense', /cannot be read/, async () => write('member', { ...(await good()), 'tls.crt': 'x' })],
    [
      'nothing',
      /has not written/,
      () => scene.client.delete(RESOURCES.secrets, { namespace: 'house', name: 'sample-member-issued' }),
    ],
  ])('%s', async (_, why, spoil) => {
    await issueAll();
    await house.settle();
    const before = await house.secrets();
    await spoil();
    const { problem, usable, admin } = await house.settle();
    expect(problem?.message).toMatch(why);
    expect(problem?.message).toContain('sample-member-issued');
    expect([usable, admin !== undefined]).toEqual([true, true]);
    expect(await house.secrets()).toEqual(before);
    expect(house.strangers()).toEqual([]);
  });

  test('one of the clients keeps nothing from the members', async () => {
    await issueAll();
    await house.settle();
    const before = [await serial('member'), await serial('client')];
    await issue('member');
    await issue('client', { role: 'aegis:admin' });
    const { problem } = await house.settle();
    expect(problem?.message).toMatch(
      /sample-client-issued has a certificate of the organization aegis:admin/,
    );
    expect((await serial('member')) === before[0]).toBe(false);
    expect(await serial('client')).toBe(before[1]);
  });
});

test('an issuer with another authority is taken over in three steps, each seen by all members', async () => {
  await issueAll();
  await house.settle();
  authority = await Authority.create('vault', { now: new Date(house.nowMs) });
  await issueAll();
  const trusted: number[] = [];
  for (let passes = 0; passes < 6; passes++) {
    await house.pass();
    const { member } = await house.secrets();
    for (const pod of house.pods) {
      pod.read(member!);
      expect(house.strangers()).toEqual([]);
    }
    await house.readAll();
    expect(house.strangers()).toEqual([]);
    trusted.push((await house.certificates('member', 'ca.crt')).length);
  }
  expect(trusted.slice(0, 3)).toEqual([2, 2, 1]);
});

test('a cluster goes over to cert-manager, and back, without a moment in which members do not trust each other', async () => {
  const { tls } = house.cluster.spec;
  const spec = (issuer: 'Operator' | 'CertManager') => ({
    ...house.cluster.spec,
    tls: issuer === 'CertManager' ? tls : { issuer, certificateDays: 60 },
  });
  house.cluster = { ...house.cluster, spec: spec('Operator') };
  await house.settle();
  await issueAll();
  for (const issuer of ['CertManager', 'Operator'] as const) {
    house.cluster = { ...house.cluster, spec: spec(issuer) };
    for (let passes = 0; passes < 6; passes++) {
      await house.pass();
      const { member } = await house.secrets();
      for (const pod of house.pods) {
        pod.read(member!);
        expect(house.strangers()).toEqual([]);
      }
      await house.readAll();
    }
    const [signer] = await house.certificates('member', 'ca.crt');
    const ours =
      signer!.x509.fingerprint256 ===
      (await house.certificates('authority', 'tls.crt'))[0]!.x509.fingerprint256;
    expect([issuer, ours]).toEqual([issuer, issuer === 'Operator']);
    expect(await house.certificates('member', 'ca.crt')).toHaveLength(1);
  }
});
