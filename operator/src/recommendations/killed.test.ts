import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { KubeClient } from '../kube/client.js';
import { RESOURCES } from '../kube/resource.js';
import { plainServer, type ApiServer } from '../kube/server.js';
import { sampleCluster } from '../testing/cluster.js';
import { startContext } from '../testing/context.js';
import { QUICK, startScene, type Scene } from '../testing/scene.js';
import { reconcileRecommendations } from './reconcile.js';
import { answerTo, JobWorld, sampleRecommendation } from './testing.js';

class Death extends Error {}

let scene: Scene;
beforeEach(async () => {
  scene = await startScene();
  const metadata = { name: 'sample', namespace: scene.namespace };
  await scene.client.apply(RESOURCES.clusters, { ...sampleCluster(), metadata });
});
afterEach(() => scene.end());

/** An API server that takes so many changes of its caller, before the caller dies. */
function mortal(writes: number): ApiServer {
  const server = plainServer(scene.proxy.url);
  let left = writes;
  return {
    url: server.url,
    authenticate: async (options) => {
      if (options.method !== 'GET' && --left < 0) throw new Death('the operator is killed');
      await server.authenticate(options);
    },
  };
}

/** One life: it looks until it dies, or nothing is to be changed any more. */
async function live(writes: number): Promise<void> {
  const client = new KubeClient(mortal(writes), { retry: QUICK });
  const context = await startContext({ ...scene, client }, {});
  try {
    for (let quiet = 0; quiet < 3;) {
      const before = scene.server!.storage.version;
      await reconcileRecommendations(context);
      await new Promise((resolve) => setTimeout(resolve, 20));
      quiet = scene.server!.storage.version === before ? quiet + 1 : 0;
    }
  } catch (error) {
    if (!(error instanceof Death)) throw error;
  } finally {
    context.stop();
  }
}

test('an operator that is killed after each of its changes begins one Job, and tells one result', async () => {
  const world = new JobWorld(scene);
  const made: string[] = [];
  scene.server!.storage.watch(0, ({ type, collection, object }) => {
    if (type === 'ADDED' && collection === 'batch/jobs') made.push(object.metadata.name);
  });
  const metadata = { name: 'orders-1', namespace: scene.namespace };
  const { spec } = await scene.client.create(RESOURCES.recommendations, {
    ...sampleRecommendation(),
    metadata,
  });
  for (let life = 0; (await world.jobs).length === 0; life++) {
    expect(life).toBeLessThan(10);
    await live(1);
  }
  const job = await world.onlyJob();
  await live(0);
  await live(1);
  await world.pod(job, JSON.stringify(answerTo(spec.question!)));
  await world.end(job, 'Complete', Date.parse('2026-11-25T12:00:00Z'));
  for (let life = 0; life < 6; life++) await live(1);
  await live(Infinity);
  expect(await scene.client.get(RESOURCES.recommendations, metadata)).toMatchObject({
    status: { phase: 'Verified', verification: { result: 'Improves' } },
  });
  expect(made).toEqual([job.metadata.name]);
});
