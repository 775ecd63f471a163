import { expect, test } from '@jest/globals';
import { Random } from '@aegis/replica/sim';
import type { Client } from '../../client.js';
import { leaseWork } from './leases.js';
import type { Means } from './means.js';

/** A client whose leases live until they are given back. */
function holder() {
  const held = new Set<string>();
  let granted = 0;
  const leases = {
    grant: async () => {
      const lease = `${granted++}`;
      held.add(lease);
      return { lease };
    },
    keepAlive: async ([lease]: readonly string[]) => [held.has(lease!) ? 6_000 : 0],
    revoke: async (lease: string) => void held.delete(lease),
  };
  return { held, client: { leases } as unknown as Client };
}

const meansWith = (client: Client): Means => ({
  connections: [client],
  connect: () => client,
  random: new Random(1),
  ok: () => undefined,
  failed: () => undefined,
  over: new AbortController().signal,
});

test.each([
  [false, 0],
  [true, 3],
])('in the end leases are given back, and not by clients that die: %s', async (dies, left) => {
  const { held, client } = holder();
  const work = leaseWork({ kind: 'leases', clients: 3, ttlMs: 6_000, dies, atMs: 0 }, meansWith(client));
  for (const index of [0, 1, 2, 0]) await work.once(index);
  expect(held.size).toBe(3);
  await work.end?.();
  expect(held.size).toBe(left);
});

test('a lease that ended is told as a failure, and another one is taken', async () => {
  const { held, client } = holder();
  const work = leaseWork(
    { kind: 'leases', clients: 1, ttlMs: 6_000, dies: true, atMs: 0 },
    meansWith(client),
  );
  await work.once(0);
  held.clear();
  await expect(work.once(0)).rejects.toMatchObject({ code: 'LEASE_ENDED' });
  await work.once(0);
  expect(held.size).toBe(1);
});
