import type { Logger } from '../logger.js';
import type { SnapshotEvents } from '../snapshot/events.js';
import type { Metrics } from './metrics.js';

/** Says in logs and metrics what becomes of snapshots. */
export function observeSnapshots(logger: Logger, metrics: Metrics): SnapshotEvents {
  return {
    sending: (to, { id, index }) => logger.info('sending a snapshot', { peer: to, id, index }),
    sent: (to, { ok, reason, bytes }) => {
      metrics.snapshotBytesSent.inc(bytes);
      if (ok) {
        metrics.snapshotsSent.inc();
        logger.info('snapshot sent', { peer: to, bytes });
      } else {
        metrics.snapshotSendFailures.inc();
        logger.warn('snapshot not sent', { peer: to, bytes, reason });
      }
    },
    receiving: (from, { id, index }) => logger.info('receiving a snapshot', { peer: from, id, index }),
    receivedBytes: (bytes) => metrics.snapshotBytesReceived.inc(bytes),
    refused: (from, reason) => {
      metrics.snapshotsRefused.inc();
      logger.warn('snapshot refused', { peer: from, reason });
    },
    installed: (index, folder) => {
      metrics.snapshotsInstalled.inc();
      logger.info('snapshot installed', { index, folder });
    },
  };
}
