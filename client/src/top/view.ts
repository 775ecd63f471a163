import type { IncidentFile } from '../config/agent-files.js';
import type { Percentiles } from './histogram.js';

/** What is shown, and what `--json` prints. Null: not known, because it was not told or there is nothing to compare with yet. */
export interface TopView {
  /** ISO 8601. */
  readonly at: string;
  readonly leader: number | null;
  readonly term: number;
  readonly profile: string;
  readonly clusterId: string;
  readonly leases: number | null;
  readonly locks: number | null;
  readonly elections: number | null;
  /** Claims that wait in queues. */
  readonly waiters: number | null;
  readonly watches: number | null;
  /** Commands that wait for their answer, on all replicas. */
  readonly pending: number | null;
  /** Commands that the leader applied. */
  readonly writesPerSecond: number | null;
  /** What clients asked for on all replicas, reads too. */
  readonly operationsPerSecond: number | null;
  readonly members: readonly TopMember[];
  /** The agent's newest, oldest first. Null: there is no agent's folder here. */
  readonly incidents: readonly TopIncident[] | null;
}

export interface TopMember {
  readonly id: number;
  readonly name: string;
  /** As in `aegis status`: "unreachable" if its client port does not answer. */
  readonly role: string;
  /** It answers on neither port. */
  readonly away: boolean;
  /** For how long it has been seen so. */
  readonly awaySeconds: number | null;
  readonly term: number | null;
  readonly lastIndex: number | null;
  readonly commitIndex: number | null;
  readonly appliedIndex: number | null;
  readonly perSecond: {
    readonly last: number | null;
    readonly commit: number | null;
    readonly applied: number | null;
  };
  /** Write and sync of log batches. */
  readonly fsyncMs: Percentiles | null;
  /** To all of its peers together. */
  readonly roundTripMs: Percentiles | null;
  /** By the peer's id. */
  readonly links: Readonly<Record<string, Percentiles>>;
  /** As the last whole page of metrics told it, which the agent or Prometheus reads. */
  readonly eventLoopMs: { readonly p99: number; readonly max: number } | null;
  readonly memoryBytes: number | null;
}

export type TopIncident = Pick<IncidentFile, 'id' | 'classes' | 'onset'> & {
  readonly endedAt: number | null;
  /** The likeliest one. */
  readonly cause: { readonly fault: string; readonly at: string } | null;
};
