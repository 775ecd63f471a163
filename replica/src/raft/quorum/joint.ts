import {
  majorityCommitted,
  majorityVote,
  VoteResult,
  type AckLookup,
  type MajorityConfig,
} from './majority.js';

/**
 * Voters of joint consensus (thesis §4.3): while `outgoing` has members, every decision needs a majority of both
 * halves. Otherwise `incoming` decides alone.
 */
export interface JointConfig {
  readonly incoming: MajorityConfig;
  readonly outgoing: MajorityConfig;
}

export function isJoint(config: JointConfig): boolean {
  return config.outgoing.length > 0;
}

export function isVoter(config: JointConfig, id: number): boolean {
  return config.incoming.includes(id) || config.outgoing.includes(id);
}

/** Voters of either half, ascending. */
export function jointVoters(config: JointConfig): number[] {
  return [...new Set([...config.incoming, ...config.outgoing])].sort((a, b) => a - b);
}

export function jointCommitted(config: JointConfig, acks: AckLookup): number {
  return Math.min(majorityCommitted(config.incoming, acks), majorityCommitted(config.outgoing, acks));
}

export function jointVote(config: JointConfig, votes: ReadonlyMap<number, boolean>): VoteResult {
  const incoming = majorityVote(config.incoming, votes);
  const outgoing = majorityVote(config.outgoing, votes);
  if (incoming === VoteResult.Lost || outgoing === VoteResult.Lost) return VoteResult.Lost;
  return incoming === outgoing ? incoming : VoteResult.Pending;
}
