import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { KubeClient } from '../kube/client.js';
import { configuredServer, plainServer } from '../kube/server.js';
import { FaultyProxy } from '../testing/faulty-proxy.js';
import { RESOURCES } from '../kube/resource.js';
import { startScene, until, type Scene } from '../testing/scene.js';
import { LeaderElection } from './leader-election.js';

const TIMING = { leaseMs: 1_000, renewWithinMs: 600, retryMs: 100 };

let scene: Scene;
beforeEach(async () => {
  scene = await startScene();
});
afterEach(() => scene.end());

/** Who leads now, and whether ever two did at once. */
class Stage {
  readonly leading = new Set<string>();
  readonly terms: string[] = [];
  overlaps = 0;
  readonly #candidates: { readonly stop: AbortController; readonly done: Promise<void> }[] = [];

  enter(identity: string, client = scene.client): AbortController {
    const stop = new AbortController();
    const lease = { namespace: scene.namespace, name: 'operator' };
    const election = new LeaderElection(client, { lease, identity, timing: TIMING });
    const done = election.run(stop.signal, async (signal) => {
      if (this.leading.size > 0) this.overlaps++;
      this.leading.add(identity);
      this.terms.push(identity);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      this.leading.delete(identity);
    });
    this.#candidates.push({ stop, done });
    return stop;
  }

  async close(): Promise<void> {
    for (const { stop } of this.#candidates) stop.abort();
    await Promise.all(this.#candidates.map(({ done }) => done));
  }
}

test('one of two leads; when it is stopped it gives the lease up, and the other need not wait it out', async () => {
  const stage = new Stage();
  const first = stage.enter('a');
  await until(() => stage.leading.has('a'), 'a leads');
  stage.enter('b');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect([...stage.leading]).toEqual(['a']);
  const began = performance.now();
  first.abort();
  await until(() => stage.leading.has('b'), 'b leads');
  expect(performance.now() - began).toBeLessThan(TIMING.leaseMs);
  const lease = await scene.client.get(RESOURCES.electionLeases, {
    namespace: scene.namespace,
    name: 'operator',
  });
  expect(lease?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  await stage.close();
  expect(stage.overlaps).toBe(0);
});

test('a leader that cannot reach the server stops before another one begins', async () => {
  const stage = new Stage();
  stage.enter('a');
  await until(() => stage.leading.has('a'), 'a leads');
  // Another way to the same server, for b.
  const upstream =
    scene.server === undefined
      ? await configuredServer(process.env['AEGIS_TEST_KUBECONFIG'])
      : plainServer(scene.server.url);
  const way = new FaultyProxy(upstream);
  await way.start();
  stage.enter('b', new KubeClient(plainServer(way.url)));
  scene.proxy.silent = true;
  await until(() => stage.leading.has('b'), 'b leads');
  expect(stage.leading.has('a')).toBe(false);
  scene.proxy.silent = false;
  await stage.close();
  expect(stage.terms.slice(0, 2)).toEqual(['a', 'b']);
  expect(stage.overlaps).toBe(0);
  await way.kill();
});

test('a leader that died is followed once its lease was seen unchanged for its whole time', async () => {
  await scene.client.create(RESOURCES.electionLeases, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: scene.namespace, name: 'operator' },
    // Its clock is a day ahead: that decides nothing.
    spec: {
      holderIdentity: 'dead',
      leaseDurationSeconds: 1,
      renewTime: new Date(Date.now() + 86_400_000).toISOString().replace('Z', '000Z'),
    },
  });
  const stage = new Stage();
  const began = performance.now();
  stage.enter('a');
  await until(() => stage.leading.has('a'), 'a leads');
  expect(performance.now() - began).toBeGreaterThanOrEqual(1_000);
  await stage.close();
});

test('a few failed renewals do not end a leadership', async () => {
  const stage = new Stage();
  stage.enter('a');
  await until(() => stage.leading.has('a'), 'a leads');
  scene.proxy.answer(...Array.from({ length: 3 }, () => ({ status: 500 })));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(stage.leading.has('a')).toBe(true);
  await stage.close();
  expect(stage.terms).toEqual(['a']);
});

test('a timing under which two could lead is refused', () => {
  const lease = { namespace: 'x', name: 'y' };
  const timing = { leaseMs: 1_000, renewWithinMs: 1_000, retryMs: 100 };
  expect(() => new LeaderElection(scene.client, { lease, identity: 'a', timing })).toThrow('must outlast');
});
