import type { LoadEntry } from '../trace/trace.js';
import { pause, type Means, type Work } from './means.js';

/** Every client takes a lease of its own, and keeps it alive at a third of its TTL. What is timed are grants and keepalives. */
export function leaseWork(
  { clients, ttlMs, dies }: Extract<LoadEntry, { kind: 'leases' }>,
  means: Means,
): Work {
  const { connections, over } = means;
  const leases: (string | undefined)[] = Array.from({ length: clients }, () => undefined);
  return {
    once: async (index) => {
      const { leases: service } = connections[index % connections.length]!;
      const lease = leases[index];
      if (lease === undefined) {
        leases[index] = (await service.grant(ttlMs)).lease;
      } else {
        const [left] = await service.keepAlive([lease]);
        if (left === 0) {
          leases[index] = undefined;
          throw Object.assign(new Error(`the lease ${lease} ended`), { code: 'LEASE_ENDED' });
        }
      }
      return () => pause(ttlMs / 3, over);
    },
    ...(dies ? {} : { end: () => giveBack(leases, means) }),
  };
}

function giveBack(leases: readonly (string | undefined)[], { connections }: Means): Promise<unknown> {
  return Promise.allSettled(
    leases.flatMap((lease, index) =>
      lease === undefined ? [] : [connections[index % connections.length]!.leases.revoke(lease)],
    ),
  );
}
