import type { Standing } from '@aegis/proto/replica/peer';

import { RefusedStart } from '../exit.js';
import type { OwnAddresses } from '../folder/data-folder.js';
import type { Logger } from '../logger.js';

const PAUSE_MS_MIN = 200;
const PAUSE_MS_MAX = 2000;
/** The log says no more often than this that it still waits. */
const REMIND_MS = 30_000;

/** Time as it passes for whoever waits. */
export interface JoinClock {
  /** Monotonic. */
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

export interface JoinParts {
  readonly nonce: string;
  readonly clusterId: string;
  /** Peer addresses of replicas that may know. */
  readonly ask: readonly string[];
  readonly logger: Logger;
  readonly clock: JoinClock;
  standing(address: string): Promise<Standing>;
}

export interface Joined {
  readonly memberId: number;
  readonly addresses: OwnAddresses;
}

/**
 * Waits until the cluster has a member for this folder. Until then the replica has no id, so it can neither vote nor be taken for
 * anybody. What one member has applied is true for all, so one answer is enough.
 */
export async function joinCluster(parts: JoinParts): Promise<Joined> {
  const { nonce, clusterId, ask, logger, clock } = parts;
  logger.info('joining: waiting to be added', { nonce, cluster: clusterId, asked: ask.join(',') });
  let remindedAt = clock.nowMs();
  for (let pauseMs = PAUSE_MS_MIN; ; pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 1.5)) {
    const failures: string[] = [];
    const answers = await Promise.all(
      ask.map((address) =>
        parts.standing(address).catch((error: unknown) => {
          failures.push(`${address}: ${error instanceof Error ? error.message : String(error)}`);
          return undefined;
        }),
      ),
    );
    const known = answers.filter((answer) => answer !== undefined);
    if (known.some(({ removedNonce }) => removedNonce)) {
      throw new RefusedStart(
        'removed',
        `the folder with nonce ${nonce} was removed from cluster ${clusterId}. Start with an empty folder`,
      );
    }
    const added = known.find(({ memberId }) => memberId !== 0);
    if (added !== undefined) {
      const { memberId, name, peerAddress, clientAddress, metricsAddress } = added;
      return { memberId, addresses: { name, peerAddress, clientAddress, metricsAddress } };
    }
    if (clock.nowMs() - remindedAt > REMIND_MS) {
      remindedAt = clock.nowMs();
      const why = failures.length === ask.length ? 'nobody answers' : 'no member has this nonce';
      logger.warn('joining: still waiting', { nonce, why, failures: failures.join('; ') });
    }
    await clock.sleep(pauseMs);
  }
}
