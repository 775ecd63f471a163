import type { Command } from '@aegis/proto/replica/command';

import type { StateMachine } from '../../state/index.js';
import type { DriverSettings } from './parts.js';

/** With what a leader begins its term: lease time goes on at once (rule 2), and the settings that apply can see become its own. */
export function commandsOfNewTerm(
  { leaseMinTtlMs, leaseMaxTtlMs, kvQuotaBytes }: DriverSettings,
  { kv, leaseSettings }: StateMachine,
): Command[] {
  const ops: NonNullable<Command['op']>[] = [{ $case: 'advance', value: {} }];
  if (kv.quotaBytes !== kvQuotaBytes) {
    ops.push({ $case: 'setKvQuota', value: { quotaBytes: kvQuotaBytes } });
  }
  if (leaseSettings.leaseMinTtlMs !== leaseMinTtlMs || leaseSettings.leaseMaxTtlMs !== leaseMaxTtlMs) {
    ops.push({ $case: 'setLeaseSettings', value: { leaseMinTtlMs, leaseMaxTtlMs } });
  }
  return ops.map((op) => ({ call: undefined, op }));
}
