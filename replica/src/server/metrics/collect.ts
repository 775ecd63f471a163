import { AlarmKind } from '@aegis/proto/v1/alarm';

import type { Log } from '../../log/index.js';
import { type RawNode, StateType } from '../../raft/index.js';
import { isRemoved, type StateMachine } from '../../state/index.js';
import type { ClientCounts } from '../api/client-counts.js';
import type { Driver } from '../driver/driver.js';
import type { MemberFacts, TelemetrySources } from './http.js';
import type { Metrics } from './metrics.js';

const ALARM_NAMES = Object.fromEntries(
  Object.entries(AlarmKind).map(([name, kind]) => [kind, name]),
) as Readonly<Record<AlarmKind, keyof typeof AlarmKind>>;

/** Where the values come from that stand as they are. */
export interface GaugeSources {
  readonly memberId: number;
  readonly metrics: Metrics;
  readonly driver: Driver;
  readonly raft: RawNode;
  readonly log: Log;
  readonly space: { readonly full: boolean };
  readonly state: StateMachine;
  readonly clients: () => ClientCounts;
}

/** What the telemetry port reads at each scrape, so that nothing is counted while nobody looks. */
export function telemetrySources(parts: GaugeSources & { readonly facts: MemberFacts }): TelemetrySources {
  const { memberId, facts, driver, raft, state } = parts;
  const committedAtStart = raft.basicStatus().commit;
  return {
    live: () => undefined,
    ready: () => {
      if (driver.lead === 0) return 'no leader is known';
      if (state.appliedIndex < committedAtStart)
        return `applied ${state.appliedIndex} of ${committedAtStart}`;
      if (isRemoved(state.membership!, memberId)) return 'removed; it ends once most members know it';
      if (!state.membership!.members.some(({ id }) => id === memberId))
        return `catching up: applied ${state.appliedIndex}, and has not come to when it was added`;
      return undefined;
    },
    member: () => facts,
    metrics: (only) => pageOf(parts, only),
    holdings: state,
  };
}

/**
 * The page of metrics, as it is now.
 * @param only these, where there are such; none: all. Metrics that tell of the time since they were read are left alone unless named.
 */
export function pageOf(
  { memberId, metrics, driver, raft, log, space, state, clients }: GaugeSources,
  only: readonly string[] = [],
): Promise<string> {
  const core = raft.basicStatus();
  const counts = clients();
  const leading = driver.role === StateType.Leader;
  const { leases, locks, elections, waiters } = state.counts;
  metrics.hasLeader.set(driver.lead === 0 ? 0 : 1);
  metrics.isLeader.set(leading ? 1 : 0);
  metrics.term.set(core.term);
  metrics.commitIndex.set(core.commit);
  metrics.appliedIndex.set(state.appliedIndex);
  metrics.durableIndex.set(state.durableIndex);
  metrics.logFirstIndex.set(log.firstIndex());
  metrics.logLastIndex.set(core.lastIndex);
  metrics.applyBacklog.set(driver.applyBacklog);
  metrics.proposalsPending.set(driver.proposals.waiting);
  metrics.leases.set(leases);
  metrics.locks.set(locks + elections);
  metrics.elections.set(elections);
  metrics.lockWaiters.set(waiters);
  metrics.grants.set(state.newestToken);
  metrics.watches.set(counts.watches);
  metrics.slowWatches.set(counts.slowWatches);
  metrics.streams.set(counts.streams);
  metrics.streamsOpened.reset();
  metrics.streamsOpened.inc(counts.streamsOpened);
  metrics.operations.reset();
  metrics.operations.inc(counts.operations);
  metrics.unsent.set(counts.unsentBytes);
  metrics.diskFull.set(space.full ? 1 : 0);
  metrics.kvBytes.set(state.kv.bytes);
  metrics.kvQuota.set(state.kv.quotaBytes);
  metrics.alarms.reset();
  for (const { kind, memberId: about } of state.alarms)
    metrics.alarms.set({ kind: ALARM_NAMES[kind], about }, 1);
  metrics.followerLag.reset();
  if (leading) {
    for (const [id, progress] of raft.status().progress) {
      if (id !== memberId) metrics.followerLag.set({ to: id }, core.lastIndex - progress.match);
    }
  }
  return only.length === 0 ? metrics.registry.metrics() : metrics.only(only);
}
