import { MetaRow } from '@aegis/proto/replica/state';
import type { State } from './state.js';

/** Where the state stands in the log. */
export interface Standing {
  readonly appliedIndex: number;
  readonly appliedTerm: number;
  readonly hash: Buffer;
}

export function writeMeta(state: State, standing: Standing): Uint8Array {
  const { clock, leaseSettings, expiredUpToMs, newestToken, newestClaim, clusterVersion } = state;
  return MetaRow.encode({
    ...standing,
    clusterVersion,
    leaseClockMs: clock.nowMs,
    stampTerm: clock.stampTerm,
    stampMs: clock.stampMs,
    expiredUpToMs,
    newestToken,
    newestClaim,
    ...leaseSettings,
  }).finish();
}

export function readMeta(state: State, value: Uint8Array): Standing {
  const meta = MetaRow.decode(value);
  state.clusterVersion = meta.clusterVersion;
  state.clock.nowMs = meta.leaseClockMs;
  state.clock.stampTerm = meta.stampTerm;
  state.clock.stampMs = meta.stampMs;
  state.expiredUpToMs = meta.expiredUpToMs;
  state.newestToken = meta.newestToken;
  state.newestClaim = meta.newestClaim;
  const { leaseMinTtlMs, leaseMaxTtlMs, leaseExpiryPerTick } = meta;
  state.leaseSettings = { leaseMinTtlMs, leaseMaxTtlMs, leaseExpiryPerTick };
  return meta;
}
