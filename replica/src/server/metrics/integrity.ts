import type { Logger } from '../logger.js';
import type { Divergence, IntegrityEvents } from '../scrub/events.js';
import type { Standings } from '../scrub/hash-book.js';
import type { Metrics } from './metrics.js';

/** Says in logs and metrics what is known of the states of the members. */
export function observeIntegrity(
  logger: Logger,
  metrics: Metrics,
  diverged: (found: Divergence) => void,
): IntegrityEvents {
  return {
    scrubbing: (index) => {
      metrics.scrubRunning.set(1);
      logger.debug('scrubbing', { index });
    },
    scrubbed: (index, hash, elapsedMs, reason) => {
      metrics.scrubRunning.set(0);
      metrics.scrubs.inc();
      metrics.scrubDuration.observe(elapsedMs / 1000);
      metrics.scrubIndex.set(index);
      if (hash !== undefined) {
        logger.info('scrubbed', { index, hash, ms: Math.round(elapsedMs) });
        return;
      }
      metrics.scrubFailures.inc();
      logger.error('a scrub could not read all rows', { index, error: reason });
    },
    agreed: (kind, index) => {
      metrics.hashesAgreed.inc({ kind });
      metrics.hashAgreedIndex.set({ kind }, index);
    },
    mismatch: (kind, index, standings) => {
      metrics.hashMismatches.inc({ kind });
      logger.error('members differ about the state', { kind, index, hashes: shown(standings) });
    },
    corrupt: (kind, index, standings) =>
      logger.error('no state has a quorum', { kind, index, hashes: shown(standings) }),
    diverged,
  };
}

function shown(standings: Standings): string {
  return [...standings].map(([hash, members]) => `${hash} of ${members.join()}`).join('; ');
}
