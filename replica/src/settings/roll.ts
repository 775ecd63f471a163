import type { ConsensusSettings } from './fields.js';

/**
 * Whether members with either settings may run side by side while a change is rolled out: the shortest election timeout
 * must bear the slowest leader's heartbeat. Otherwise the change is made in stages.
 */
export function isRollSafe(before: ConsensusSettings, after: ConsensusSettings): boolean {
  const shortestElection = Math.min(before.electionTimeoutMs, after.electionTimeoutMs);
  const longestHeartbeat = Math.max(before.heartbeatIntervalMs, after.heartbeatIntervalMs);
  return shortestElection >= 3 * longestHeartbeat;
}
