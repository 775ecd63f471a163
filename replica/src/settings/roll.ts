import type { ConsensusSettings, SettingName } from './fields.js';

/**
 * Whether members with either settings may run side by side while a change is rolled out: the shortest election timeout
 * must bear the slowest leader's heartbeat. Otherwise the change is made in stages.
 */
export function isRollSafe(before: ConsensusSettings, after: ConsensusSettings): boolean {
  const shortestElection = Math.min(before.electionTimeoutMs, after.electionTimeoutMs);
  const longestHeartbeat = Math.max(before.heartbeatIntervalMs, after.heartbeatIntervalMs);
  return shortestElection >= 3 * longestHeartbeat;
}

/**
 * What members that run any of `running` are to be given now, on the way to `wanted`: that itself where all of them can run beside
 * it, else a stage between, beside which both can run: the shortest heartbeat and the longest election timeout of all of them, and
 * leases that outlive it. Asked again with what runs then, it ends at `wanted` after one such stage.
 *
 * @param running settings that run side by side now, none of them twice as far as that matters; at least one
 */
export function nextStage(
  running: readonly ConsensusSettings[],
  wanted: ConsensusSettings,
): ConsensusSettings {
  if (running.every((settings) => isRollSafe(settings, wanted))) return wanted;
  const all = [...running, wanted];
  const least = (name: SettingName): number => Math.min(...all.map((settings) => settings[name]));
  const most = (name: SettingName): number => Math.max(...all.map((settings) => settings[name]));
  return {
    ...wanted,
    heartbeatIntervalMs: least('heartbeatIntervalMs'),
    electionTimeoutMs: most('electionTimeoutMs'),
    // Neither of these may be more than a heartbeat, or less than a lease needs to outlive an election.
    maxBatchDelayMs: least('maxBatchDelayMs'),
    leaseMinTtlMs: most('leaseMinTtlMs'),
    leaseMaxTtlMs: most('leaseMaxTtlMs'),
  };
}
