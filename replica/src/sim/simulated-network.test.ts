import { expect, test } from '@jest/globals';
import type { PeerReceiver } from '../server/peer/transport.js';
import { EventQueue } from './event-queue.js';
import { Random } from './random.js';
import { SimulatedNetwork, type LinkQuality } from './simulated-network.js';

/** The hashes of states that arrive, by the index that they are of, out of a hundred that leave a millisecond apart. */
async function arriving(quality: Partial<LinkQuality>): Promise<number[]> {
  const queue = new EventQueue();
  const network = new SimulatedNetwork(queue, new Random(3));
  network.setQuality(1, 2, { loss: 0, duplication: 0, delayMsMin: 0, delayMsMax: 50, ...quality });
  const process = { run: (task: () => void) => task(), alive: true, workedMs: 0 };
  const seen: number[] = [];
  const receiver = { hashes: (_, [hash]) => seen.push(hash!.index) } as Partial<PeerReceiver>;
  await network.join(2, process).start(receiver as PeerReceiver);
  for (let index = 0; index < 100; index++) {
    const nothing = { messages: [], forwards: [], refusals: [], commit: undefined };
    const hashes = [{ index, hash: Buffer.alloc(0), contents: false }];
    network.carry({ from: 1, to: 2, ...nothing, hashes });
    queue.runNow(1);
  }
  queue.runNow(1_000);
  return seen;
}

const inOrder = (seen: readonly number[]): boolean =>
  seen.every((index, at) => at === 0 || seen[at - 1]! <= index);

test('frames overtake each other, unless a link keeps their order', async () => {
  const free = await arriving({});
  expect(free).toHaveLength(100);
  expect(inOrder(free)).toBe(false);
  const ordered = await arriving({ ordered: true });
  expect(ordered).toHaveLength(100);
  expect(inOrder(ordered)).toBe(true);
  const lossy = await arriving({ ordered: true, loss: 0.3 });
  expect(lossy.length).toBeLessThan(90);
  expect(inOrder(lossy)).toBe(true);
});
