import type { Command } from '@aegis/proto/replica/command';
import type { Error as Failure } from '@aegis/proto/v1/error';

import type { ConsensusSettings } from '../../settings/index.js';
import type { StateMachine } from '../../state/index.js';
import type { Settle } from './proposals.js';

/** The settings that belong to the cluster and not to a member: part of the replicated state. */
export type SharedSettings = Pick<
  ConsensusSettings,
  'leaseMinTtlMs' | 'leaseMaxTtlMs' | 'leaseExpiryPerTick' | 'kvQuotaBytes'
>;

/** As they are in the state; 0 where no leader has given one yet. */
export function sharedSettingsOf({ kv, leaseSettings }: StateMachine): SharedSettings {
  const { leaseMinTtlMs, leaseMaxTtlMs, leaseExpiryPerTick } = leaseSettings;
  return { leaseMinTtlMs, leaseMaxTtlMs, leaseExpiryPerTick, kvQuotaBytes: kv.quotaBytes };
}

/** What makes of the state's settings these: nothing where they are so already, and one command for those of leases. */
export function commandsTo(wanted: SharedSettings, { kv, leaseSettings }: StateMachine): Command[] {
  const { kvQuotaBytes, leaseMinTtlMs, leaseMaxTtlMs, leaseExpiryPerTick } = wanted;
  const ops: NonNullable<Command['op']>[] = [];
  if (kv.quotaBytes !== kvQuotaBytes) {
    ops.push({ $case: 'setKvQuota', value: { quotaBytes: kvQuotaBytes } });
  }
  if (
    leaseSettings.leaseMinTtlMs !== leaseMinTtlMs ||
    leaseSettings.leaseMaxTtlMs !== leaseMaxTtlMs ||
    leaseSettings.leaseExpiryPerTick !== leaseExpiryPerTick
  ) {
    ops.push({ $case: 'setLeaseSettings', value: { leaseMinTtlMs, leaseMaxTtlMs, leaseExpiryPerTick } });
  }
  return ops.map((op) => ({ call: undefined, op }));
}

/**
 * What a leader gives a state that has none: its own. Afterwards only an administrator changes them, or members whose files
 * differ would undo each other's at every election.
 */
export function firstSettings(own: SharedSettings, state: StateMachine): Command[] {
  const { kv, leaseSettings } = state;
  const { leaseExpiryPerTick } = leaseSettings;
  const leases = leaseExpiryPerTick === 0 ? own : { ...leaseSettings, leaseExpiryPerTick };
  return commandsTo({ ...own, ...leases, kvQuotaBytes: kv.quotaBytes || own.kvQuotaBytes }, state);
}

/** Runs once the settings are in force here, or it has failed. `changed`: whether a command was needed. */
export type SettleSettings = (changed: boolean, failed: Failure | undefined) => void;

/** Proposes what makes of the state's settings these, in one turn. */
export function changeSettings(
  wanted: SharedSettings,
  state: StateMachine,
  propose: (command: Command, settle: Settle) => void,
  settle: SettleSettings,
): void {
  const commands = commandsTo(wanted, state);
  if (commands.length === 0) settle(false, undefined);
  let open = commands.length;
  let failure: Failure | undefined;
  for (const command of commands) {
    propose(command, (result, failed) => {
      failure ??= failed ?? (result?.result?.$case === 'error' ? result.result.value : undefined);
      open -= 1;
      if (open === 0) settle(true, failure);
    });
  }
}
