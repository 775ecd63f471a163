import type { AegisCluster } from '@aegis/crds';
import { sampleCluster } from '@aegis/operator/testing';
import { resolveSettings } from '@aegis/replica/settings';
import { expect, test } from '@jest/globals';
import { changeBetween, standingIn, type Pod } from './standing.js';

const SETTINGS = resolveSettings('all');
const condition = (status: 'True' | 'False') => ({
  ...{ type: 'ConfigInSync', status, reason: 'x', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
});
const cluster = (status: AegisCluster['status']): AegisCluster => ({
  ...sampleCluster({ configSource: { repository: 'acme/infra', path: 'a.yaml' } }, 'orders'),
  ...(status === undefined ? {} : { status }),
});
const pod = (name: string, podIP: string): Pod => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name }, status: { podIP } },
});
const member = (id: number, role: 'Leader' | 'Learner' | 'Unknown' = 'Leader') => ({
  ...{ id, pod: `orders-${id - 1}`, role, ready: true },
});
const settings = { effective: SETTINGS, lastHealthy: SETTINGS, source: { kind: 'Defaults' as const } };

test('members are where their pods are; one without an address is asked and does not answer', () => {
  const members = [member(3, 'Unknown'), member(1), member(2), member(9, 'Learner')];
  const pods = [pod('orders-0', '10.0.0.1'), pod('orders-1', 'fd00::2')];
  const status = { clusterId: 'abc', members, settings, conditions: [condition('True')] };
  expect(standingIn(cluster(status), pods, [])).toEqual({
    ...{
      clusterId: 'abc',
      namespace: 'house',
      cluster: 'orders',
      profile: 'all',
      path: 'a.yaml',
      base: 'main',
    },
    members: [
      { name: 'orders-0', id: 1, metrics: 'http://10.0.0.1:4412/metrics' },
      { name: 'orders-1', id: 2, metrics: 'http://[fd00::2]:4412/metrics' },
      { name: 'orders-2', id: 3, metrics: 'http://0.0.0.0:4412/metrics' },
    ],
    ...{ settings: SETTINGS, lastHealthy: SETTINGS, changes: [] },
  });
});

test('while settings are changed nobody knows one set', () => {
  const status = { clusterId: 'abc', members: [member(1)], settings, conditions: [condition('False')] };
  expect(standingIn(cluster(status), [], []).settings).toBeUndefined();
  const { heartbeatIntervalMs: _, ...partial } = SETTINGS;
  const older = { ...status, conditions: [condition('True')], settings: { ...settings, effective: partial } };
  expect(standingIn(cluster(older), [], []).settings).toBeUndefined();
});

test.each([
  ['no status', undefined, /no cluster id/],
  ['no members', { clusterId: 'abc', members: [] }, /no members/],
  ['learners alone', { clusterId: 'abc', members: [member(1, 'Learner')] }, /no members/],
])('with %s nothing can be said', (_, status, why) => {
  expect(() => standingIn(cluster(status), [], [])).toThrow(why);
});

test('a change is what is different', () => {
  const after = { ...SETTINGS, electionTimeoutMs: 1_500 };
  expect(changeBetween(SETTINGS, after)).toEqual({ electionTimeoutMs: 1_500 });
  expect(changeBetween(SETTINGS, { ...SETTINGS })).toBeUndefined();
  expect(changeBetween(undefined, after)).toBeUndefined();
});
