import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ServiceDisabledError, UnavailableError } from '@aegis/client';
import { API_VERSION, type AegisLease } from '@aegis/crds';
import { type Holder, LockDescription, LockMode, type Waiter } from '@aegis/proto/v1/lock';
import { RESOURCES } from '../kube/resource.js';
import type { LeaderSeen } from '../observe/membership.js';
import { startContext, type TestContext } from '../testing/context.js';
import { startScene, until, type Scene } from '../testing/scene.js';
import { reconcileLeases } from './index.js';

const CREDENTIALS = { ca: 'ca', cert: 'cert', key: 'key' };
const SETTINGS = {
  leaseMinTtlMs: 2_000,
  leaseMaxTtlMs: 600_000,
  leaseExpiryPerTick: 1000,
  kvQuotaBytes: 2 ** 31,
};
const leader = {
  pod: { address: { ip: '127.0.0.1', serverName: 'sample-0' } },
  status: { settings: SETTINGS },
} as unknown as LeaderSeen;

let scene: Scene;
let context: TestContext;
/** What the leader says, by lock; an error is thrown. */
let locks: Record<string, LockDescription | Error>;
let asked: string[];

beforeEach(async () => {
  scene = await startScene();
  locks = {};
  asked = [];
  context = await startContext(scene, {
    lock: (_at, _credentials, name) => {
      asked.push(name);
      const lock = locks[name] ?? LockDescription.fromPartial({ name });
      return lock instanceof Error ? Promise.reject(lock) : Promise.resolve(lock);
    },
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  context.stop();
  await scene.end();
});

function holder(lease: string, token: number, mode: LockMode = LockMode.EXCLUSIVE): Holder {
  return { lease, claim: 1, token, mode, value: Buffer.alloc(0) };
}

function waiter(lease: string, mode: LockMode = LockMode.EXCLUSIVE): Waiter {
  return { lease, claim: 2, mode, waitRemainingMs: -1 };
}

function used(name: string, holders: Holder[], waiters: Waiter[] = [], permits = 0): LockDescription {
  const counts = { holderCount: holders.length, waiterCount: waiters.length };
  return LockDescription.fromPartial({ name, holders, waiters, permits, ...counts });
}

async function declare(name: string, spec: Partial<AegisLease['spec']> = {}): Promise<void> {
  const object = {
    apiVersion: API_VERSION,
    kind: 'AegisLease',
    metadata: { name, namespace: scene.namespace, generation: 1 },
    spec: {
      clusterRef: { name: 'sample' },
      key: `lock/${name}`,
      mode: 'Exclusive' as const,
      ttlMs: 15_000,
      lockDelayMs: 0,
      ...spec,
    },
  };
  const { metadata } = await scene.client.create(RESOURCES.leases, object);
  await until(
    () =>
      context.caches.leases.get({ namespace: scene.namespace, name })?.metadata.uid === metadata.uid &&
      metadata.uid !== undefined,
    `${name} in the cache`,
  );
}

/** As if the last look were longer ago than locks are asked for again. */
async function look(cluster: Parameters<typeof reconcileLeases>[2] = { credentials: CREDENTIALS, leader }) {
  jest.spyOn(performance, 'now').mockReturnValue((clock += 10_000));
  return reconcileLeases(context, { namespace: scene.namespace, name: 'sample' }, cluster);
}
let clock = 1_000_000;

async function statusOf(name: string) {
  const stored = await scene.client.get(RESOURCES.leases, { namespace: scene.namespace, name });
  await until(
    () =>
      context.caches.leases.get(stored!.metadata)?.metadata.resourceVersion ===
      stored!.metadata.resourceVersion,
    'the cache',
  );
  return stored!.status!;
}

async function said(name: string) {
  const { conditions } = await statusOf(name);
  return Object.fromEntries(
    conditions!.map(({ type, status, reason, message }) => [type, { status, reason, message }]),
  );
}

describe('a declared lock', () => {
  test('shows up to ten holders with their fencing tokens, and how many wait', async () => {
    await declare('crowd', { mode: 'Semaphore', permits: 20 });
    const holders = Array.from({ length: 12 }, (_, at) => holder(`${1000 + at}`, 7 + at, LockMode.SEMAPHORE));
    locks['lock/crowd'] = used('lock/crowd', holders, [waiter('5', LockMode.SEMAPHORE)], 20);
    expect(await look()).toBe(5_000);
    const status = await statusOf('crowd');
    expect(status).toMatchObject({
      observedGeneration: 1,
      holderCount: 12,
      waiterCount: 1,
      newestToken: 18,
      observedTime: '2026-11-25T12:00:00Z',
    });
    expect(status.holders).toHaveLength(10);
    // A lease is called by its hex digits, as everywhere.
    expect(status.holders![0]).toEqual({ lease: '3e8', claim: 1, fencingToken: 7, mode: 'Semaphore' });
    expect(await said('crowd')).toMatchObject({
      Observed: { status: 'True', reason: 'Answered' },
      PolicyKept: { status: 'True', reason: 'Kept' },
    });
    // When all are gone, so are they.
    locks = {};
    await look();
    const after = await statusOf('crowd');
    expect(after).toMatchObject({ holderCount: 0, waiterCount: 0, holders: [] });
    expect(after.newestToken).toBeUndefined();
  });

  test('is asked for at most every 5 s, at once when its declaration changes, and written only when something has changed', async () => {
    await declare('quiet');
    await look();
    const first = await scene.client.get(RESOURCES.leases, { namespace: scene.namespace, name: 'quiet' });
    await statusOf('quiet');
    jest.spyOn(performance, 'now').mockReturnValue(clock + 4_999);
    await reconcileLeases(
      context,
      { namespace: scene.namespace, name: 'sample' },
      { credentials: CREDENTIALS, leader },
    );
    expect(asked).toHaveLength(1);
    context.setNow(new Date('2026-11-25T12:09:00Z'));
    await look();
    expect(asked).toHaveLength(2);
    const second = await scene.client.get(RESOURCES.leases, { namespace: scene.namespace, name: 'quiet' });
    expect(second!.metadata.resourceVersion).toBe(first!.metadata.resourceVersion);
    context.setNow(new Date('2026-11-25T12:11:00Z'));
    await look();
    expect((await statusOf('quiet')).observedTime).toBe('2026-11-25T12:11:00Z');

    await scene.client.merge(
      RESOURCES.leases,
      { namespace: scene.namespace, name: 'quiet' },
      { metadata: { generation: 2 }, spec: { ttlMs: 1_000 } },
    );
    await until(
      () =>
        context.caches.leases.get({ namespace: scene.namespace, name: 'quiet' })?.metadata.generation === 2,
      'the change',
    );
    await reconcileLeases(
      context,
      { namespace: scene.namespace, name: 'sample' },
      { credentials: CREDENTIALS, leader },
    );
    expect(asked).toHaveLength(4);
    expect((await said('quiet'))['PolicyKept']).toMatchObject({
      status: 'False',
      reason: 'TtlOutOfBounds',
      message: expect.stringContaining('2000 to 600000 ms and none of 1000 ms'),
    });
  });

  test('whoever uses it otherwise than declared is named', async () => {
    await declare('mode');
    await declare('waits');
    await declare('permits', { mode: 'Semaphore', permits: 3 });
    locks = {
      'lock/mode': used('lock/mode', [holder('255', 4, LockMode.SHARED)]),
      'lock/waits': used('lock/waits', [holder('1', 4)], [waiter('254', LockMode.SHARED)]),
      'lock/permits': used('lock/permits', [holder('1', 4, LockMode.SEMAPHORE)], [], 5),
    };
    await look();
    expect((await said('mode'))['PolicyKept']).toMatchObject({
      status: 'False',
      reason: 'ModeDiffers',
      message: expect.stringMatching(/^lease ff holds it as Shared, and Exclusive is declared/),
    });
    expect((await said('waits'))['PolicyKept']).toMatchObject({
      reason: 'ModeDiffers',
      message: expect.stringMatching(/^lease fe waits for it as Shared/),
    });
    expect((await said('permits'))['PolicyKept']).toMatchObject({
      status: 'False',
      reason: 'PermitsDiffer',
      message: expect.stringContaining('in use with 5 permits, and 3 are declared'),
    });
  });

  test('declared twice, and otherwise: each names the other; alike, there is nothing to say', async () => {
    await declare('one', { key: 'same' });
    await declare('two', { key: 'same' });
    await look();
    expect((await said('one'))['PolicyKept']).toMatchObject({ status: 'True', reason: 'Free' });
    await declare('three', { key: 'same', lockDelayMs: 500 });
    await look();
    expect((await said('one'))['PolicyKept']).toMatchObject({
      status: 'False',
      reason: 'DeclaredTwice',
      message: expect.stringMatching(/^three declares/),
    });
    expect((await said('three'))['PolicyKept']).toMatchObject({
      message: expect.stringMatching(/^one, two declares/),
    });
  });
});

describe('a cluster that does not answer', () => {
  test('without a leader what was seen last stays, and nothing is said of the policy', async () => {
    await declare('held');
    locks['lock/held'] = used('lock/held', [holder('1', 9)]);
    await look();
    expect((await statusOf('held')).holderCount).toBe(1);
    context.setNow(new Date('2026-11-25T12:05:00Z'));
    expect(await look({ credentials: CREDENTIALS, leader: undefined })).toBe(5_000);
    expect(await statusOf('held')).toMatchObject({
      holderCount: 1,
      newestToken: 9,
      observedTime: '2026-11-25T12:00:00Z',
    });
    expect(await said('held')).toMatchObject({
      Observed: { status: 'False', reason: 'ClusterNotAvailable' },
      PolicyKept: { status: 'Unknown', reason: 'NotObserved' },
    });
  });

  test('a leader that fails one question is asked none of the rest', async () => {
    const facts = { retryable: true, definite: true };
    for (let at = 0; at < 40; at++) {
      await declare(`many-${at}`);
      locks[`lock/many-${at}`] = new UnavailableError('UNAVAILABLE', 'the connection is refused', facts);
    }
    await look();
    // What was under way when it failed.
    expect(asked.length).toBeLessThanOrEqual(16);
    expect((await said('many-39'))['Observed']).toMatchObject({
      status: 'False',
      reason: 'ClusterNotAvailable',
      message: expect.stringContaining('the connection is refused'),
    });
  });

  test('of a profile without locks it says so', async () => {
    await declare('kv');
    const facts = { retryable: false, definite: true };
    locks['lock/kv'] = new ServiceDisabledError('SERVICE_DISABLED', 'no', facts);
    await look();
    expect((await said('kv'))['Observed']).toMatchObject({
      reason: 'LocksDisabled',
      message: expect.stringContaining('use a cluster of the profile locks or all'),
    });
  });

  test('one that is not there holds nothing: what was declared of it can be deleted', async () => {
    await declare('orphan');
    locks['lock/orphan'] = used('lock/orphan', [holder('1', 9)]);
    await look();
    expect((await statusOf('orphan')).holderCount).toBe(1);
    const object = { namespace: scene.namespace, name: 'sample' };
    expect(await reconcileLeases(context, object, undefined)).toBeUndefined();
    jest.spyOn(performance, 'now').mockReturnValue((clock += 10_000));
    await reconcileLeases(context, object, undefined);
    expect(await statusOf('orphan')).toMatchObject({ holderCount: 0, waiterCount: 0, holders: [] });
    expect((await said('orphan'))['Observed']).toMatchObject({
      status: 'False',
      reason: 'ClusterNotFound',
      message: expect.stringContaining('there is no AegisCluster sample in the namespace'),
    });
  });
});
