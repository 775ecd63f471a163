import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { type BootstrapRecord, readBootstrapRecord } from '../folder/bootstrap-record.js';
import type { DataFolder } from '../folder/data-folder.js';
import type { LiveTls } from '../live-tls.js';
import type { Logger } from '../logger.js';
import { TelemetryServer } from '../metrics/http.js';

const LOOK_MS = 100;

/**
 * The record of the first members, waited for: whoever makes it must know the nonces of their folders first, and reads them from
 * the telemetry ports meanwhile. The file has to appear in one step (a rename, or a ConfigMap's volume).
 */
export async function awaitRecord(
  path: string,
  folder: DataFolder,
  metrics: string | undefined,
  tls: LiveTls | undefined,
  logger: Logger,
): Promise<BootstrapRecord> {
  if (existsSync(path)) return readBootstrapRecord(path);
  const { nonce, clusterId, memberId } = folder.identity;
  logger.info('waiting for the record of the first members', { path, nonce });
  const telemetry =
    metrics === undefined
      ? undefined
      : new TelemetryServer(
          metrics,
          {
            live: () => undefined,
            ready: () =>
              `waiting for the record of the first members, ${path}; this folder has nonce ${nonce}`,
            metrics: () => Promise.resolve('# waiting\n'),
            member: () => {
              if (memberId === undefined || clusterId === undefined)
                return { state: 'empty', nonce, clusterId: null, memberId: null };
              return { state: 'member', nonce, clusterId, memberId };
            },
          },
          tls,
        );
  await telemetry?.start();
  try {
    while (!existsSync(path)) await sleep(LOOK_MS);
  } finally {
    await telemetry?.stop();
  }
  return readBootstrapRecord(path);
}
