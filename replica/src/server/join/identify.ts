import { setTimeout as sleep } from 'node:timers/promises';

import type { BootstrapRecord } from '../folder/bootstrap-record.js';
import type { DataFolder } from '../folder/data-folder.js';
import type { LiveTls } from '../live-tls.js';
import type { Logger } from '../logger.js';
import { TelemetryServer } from '../metrics/http.js';
import type { StartOptions } from '../options.js';
import type { MemberOf } from '../storage.js';
import { askStanding } from './ask-standing.js';
import { joinCluster } from './join-cluster.js';

/**
 * Which member the folder is: the one that it says itself, the first one that lists its nonce, or the one that the cluster adds
 * it as, which is waited for. The nonce was synced before anybody could list it, so a folder that lost what it had also lost
 * the nonce, and joins anew.
 */
export async function identify(
  folder: DataFolder,
  record: BootstrapRecord,
  options: StartOptions,
  tls: LiveTls | undefined,
  logger: Logger,
): Promise<MemberOf> {
  const { nonce, memberId, addresses } = folder.identity;
  if (memberId !== undefined) return addresses === undefined ? { memberId } : { memberId, addresses };
  const first = record.members.find((member) => member.nonce === nonce);
  if (first !== undefined) return { memberId: first.id };
  const { clusterId } = record;
  const telemetry =
    options.metrics === undefined ? undefined : waitingRoom(options.metrics, nonce, clusterId, tls);
  await telemetry?.start();
  try {
    const ask = new Set([...record.members.map(({ peerAddress }) => peerAddress), ...options.join]);
    return await joinCluster({
      nonce,
      clusterId,
      ask: [...ask],
      logger,
      clock: { nowMs: () => performance.now(), sleep },
      standing: (address) => askStanding(address, clusterId, nonce, tls),
    });
  } finally {
    await telemetry?.stop();
  }
}

/** What the telemetry port serves meanwhile. */
function waitingRoom(
  address: string,
  nonce: string,
  clusterId: string,
  tls: LiveTls | undefined,
): TelemetryServer {
  return new TelemetryServer(
    address,
    {
      live: () => undefined,
      ready: () => `joining: this folder, nonce ${nonce}, waits to be added to cluster ${clusterId}`,
      metrics: () => Promise.resolve('# joining\n'),
      member: () => ({ state: 'joining', nonce, clusterId, memberId: null }),
    },
    tls,
  );
}
