import type { BackupEvents } from '../api/backups.js';
import type { Logger } from '../logger.js';
import type { Metrics } from './metrics.js';

/** Says in logs and metrics what becomes of backups. */
export function observeBackups(logger: Logger, metrics: Metrics): BackupEvents {
  return {
    begun: (index) => logger.info('sending a backup', { index }),
    ended: (index, bytes, failure) => {
      metrics.backupBytesSent.inc(bytes);
      if (failure === undefined) {
        metrics.backupsSent.inc();
        logger.info('backup sent', { index, bytes });
      } else {
        metrics.backupFailures.inc();
        logger.warn('backup not sent', { index, bytes, reason: failure });
      }
    },
  };
}
