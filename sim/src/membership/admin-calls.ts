import { errorFromGrpc, UnavailableError } from '@aegis/client';
import type { AdminAnswer, AdminPort } from '@aegis/replica/sim';

import type { World } from '../world/world.js';

/** An administrator's place in the network. */
const PLACE = 900;
/** Sent again by TCP after a loss. */
const RETRANSMIT_MS = 200;
/** How often a caller loses patience and asks twice. */
const TWICE = 0.1;

/** One call of the Cluster service, as it is made at the replica. */
export type AdminCall<A> = (admin: AdminPort, answer: AdminAnswer<A>) => void;

/** Calls the replica in a place over the network. Rejects with an AegisError: what the replica said, or that nobody answered. */
export function callAdmin<A>(world: World, to: number, call: AdminCall<A>, timeoutMs: number): Promise<A> {
  const { cluster, random } = world;
  const endpoint = `client-${to}:1`;
  return new Promise((resolve, reject) => {
    const unanswered = (why: string): void =>
      reject(
        new UnavailableError('UNAVAILABLE', `${endpoint}: ${why}`, { retryable: true, definite: false }),
      );
    cluster.queue.after(timeoutMs, () => unanswered(`no answer in ${timeoutMs} ms`));
    const arrive = (): void => {
      const life = cluster.members.find(({ place }) => place === to)?.life;
      if (life === undefined) {
        unanswered('connection refused');
        return;
      }
      life.environment.run(() =>
        call(life.admin, (failure, answer) => {
          carry(world, to, PLACE, () => {
            if (failure === undefined) resolve(answer!);
            else reject(errorFromGrpc(failure, endpoint));
          });
        }),
      );
    };
    carry(world, PLACE, to, arrive);
    if (random.chance(TWICE))
      cluster.queue.after(random.exponential(100), () => carry(world, PLACE, to, arrive));
  });
}

function carry(world: World, from: number, to: number, arrived: () => void): void {
  const { network, queue } = world.cluster;
  if (network.isCut(from, to)) return;
  let wayMs = 0;
  for (let way = network.wayMs(from, to); ; way = network.wayMs(from, to)) {
    if (way !== undefined) {
      queue.after(wayMs + way, arrived);
      return;
    }
    wayMs += RETRANSMIT_MS;
  }
}
