import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { KubeClient } from '../kube/client.js';
import { sampleCluster } from '../testing/cluster.js';
import { startScene, type Scene } from '../testing/scene.js';
import { OVERLAP, ROTATE_AUTHORITY, ROTATE_CERTIFICATES } from './annotations.js';
import { House } from './testing/house.js';

let scene: Scene;
beforeEach(async () => {
  scene = await startScene();
});
afterEach(() => scene.end());

class Killed extends Error {}

const WRITES: readonly PropertyKey[] = ['create', 'apply', 'merge', 'replace', 'delete'];

/** A client whose process is killed at its nth write: before it, or when it is done and nobody has heard of it. */
function killedAt(
  client: KubeClient,
  nth: number,
  done: boolean,
): { client: KubeClient; writes: () => number } {
  let writes = 0;
  const proxied = new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return async (...parts: unknown[]): Promise<unknown> => {
        const killed = WRITES.includes(name) && ++writes === nth;
        if (killed && !done) throw new Killed();
        const answer: unknown = await (value as (...parts: unknown[]) => unknown).apply(target, parts);
        if (killed) throw new Killed();
        return answer;
      };
    },
  });
  return { client: proxied, writes: () => writes };
}

/** From 0 to 1, the same for the same seed. */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A pass that may be killed: how many writes it came to. */
async function passed(house: House, nth: number, done: boolean): Promise<number> {
  const { client, writes } = killedAt(scene.client, nth, done);
  try {
    await house.pass(client);
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    house.restart();
  }
  return writes();
}

test('an operator that is killed at any write of a whole rotation leaves nothing that the next pass does not set right', async () => {
  const rotate = async (nth: number, done: boolean): Promise<number> => {
    const house = new House(scene, sampleCluster({}, `sample-${nth}-${done}`));
    let writes = 0;
    for (let passes = 0; passes < 3; passes++) {
      writes += await passed(house, nth - writes, done);
      await house.readAll();
    }
    const [before] = await house.certificates('authority', 'tls.crt');
    house.annotate({ [ROTATE_AUTHORITY]: 'now', [ROTATE_CERTIFICATES]: 'now', [OVERLAP]: '0s' });
    for (let passes = 0; passes < 9; passes++) {
      writes += await passed(house, nth - writes, done);
      await house.readAll();
      expect(house.strangers()).toEqual([]);
    }
    const after = await house.certificates('member', 'ca.crt');
    const [authority] = await house.certificates('authority', 'tls.crt');
    expect(after.map(({ digest }) => digest)).toEqual([authority!.digest]);
    expect(authority!.digest).not.toBe(before!.digest);
    expect(Object.keys((await house.secrets()).authority!.data!)).toEqual(['tls.crt', 'tls.key']);
    expect((await house.pass()).rotation).toBeUndefined();
    return writes;
  };
  const writes = await rotate(Infinity, false);
  expect(writes).toBeGreaterThan(9);
  for (let nth = 1; nth <= writes; nth++) for (const done of [false, true]) await rotate(nth, done);
}, 300_000);

test.each([1])(
  'months with pods that are slow, clients that read late, and an operator that is killed: nobody is ever a stranger (%i)',
  async (seed) => {
    const draw = draws(seed);
    // An authority of 120 days: it is replaced about every 80, and each step stands for four.
    const house = new House(scene, sampleCluster({ tls: { certificateDays: 12 } }));
    await house.settle();
    let read = house.nowMs;
    const authorities = new Set<string>();
    for (let hours = 0; hours < 250 * 24; hours += 12) {
      house.wait(12);
      await passed(house, draw() < 0.2 ? 1 + Math.floor(draw() * 2) : Infinity, draw() < 0.5);
      const { member, client } = await house.secrets();
      for (const pod of house.pods) if (draw() < 0.7) pod.read(member!);
      // A client may read as late as a third of the certificate's life.
      if (house.nowMs - read >= 4 * 24 * 3_600_000 - 12 * 3_600_000) {
        house.client.read(client!);
        read = house.nowMs;
      }
      expect(house.strangers()).toEqual([]);
      authorities.add((await house.certificates('authority', 'tls.crt'))[0]!.digest);
    }
    expect(authorities.size).toBeGreaterThanOrEqual(3);
  },
  300_000,
);
