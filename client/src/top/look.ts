import type { Cluster } from '../cluster/cluster.js';
import { collectStatus, type ClusterStatus, type KnownMember } from '../status/collect.js';
import { readTelemetry, type Telemetry } from './telemetry.js';

/** What every replica said of itself at one moment. */
export interface Look {
  readonly atMs: number;
  readonly status: ClusterStatus;
  /** By member id; those are missing whose telemetry port cannot be reached from here. */
  readonly telemetry: ReadonlyMap<number, Telemetry>;
}

/** Asks all of them, on both of their ports. None of it needs a quorum. */
export async function lookAt(cluster: Cluster, known: readonly KnownMember[]): Promise<Look> {
  const status = await collectStatus(cluster, known);
  const pages = await Promise.all(
    status.members.map(async ({ id, metrics }) => [id, await readTelemetry(metrics)] as const),
  );
  const telemetry = new Map(pages.flatMap(([id, page]) => (page === undefined ? [] : [[id, page] as const])));
  return { atMs: performance.now(), status, telemetry };
}
