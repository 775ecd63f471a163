import { expect, test } from '@jest/globals';
import { checkAgainst, planCluster } from './plan.js';

test('by default five replicas, three ports each, ten apart', () => {
  const plan = planCluster({});
  expect(plan).toMatchObject({ profile: 'all', insecure: false, basePort: 4_410, supervisor: null });
  expect(plan.members.map(({ clientAddress }) => clientAddress)).toEqual(
    [4410, 4420, 4430, 4440, 4450].map((port) => `127.0.0.1:${port}`),
  );
  expect(plan.members[1]).toMatchObject({
    id: 2,
    name: 'aegis-2',
    peerAddress: '127.0.0.1:4421',
    metricsAddress: '127.0.0.1:4422',
  });
});

test('every cluster has an id of its own', () => {
  expect(planCluster({}).clusterId).not.toBe(planCluster({}).clusterId);
});

test('flags that agree with the cluster, or say nothing, are fine', () => {
  const plan = planCluster({ replicas: 3 });
  expect(() => checkAgainst(plan, {}, '/x')).not.toThrow();
  expect(() => checkAgainst(plan, { replicas: 3, basePort: 4_410, insecure: false }, '/x')).not.toThrow();
});

test.each([
  [{ replicas: 5 }, /^--replicas contradicts the cluster in \/x: it has --replicas 3/],
  [{ basePort: 5_000 }, /^--base-port contradicts/],
  [{ profile: 'kv' }, /^--profile contradicts the cluster in \/x: it has --profile all/],
  [{ insecure: true }, /^--insecure contradicts the cluster in \/x: it uses TLS/],
])('%j contradicts the cluster that is there', (request, word) => {
  expect(() => checkAgainst(planCluster({ replicas: 3 }), request, '/x')).toThrow(word);
});
