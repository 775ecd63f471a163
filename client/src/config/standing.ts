import type { ConsensusSettings, Patch, Profile } from '@aegis/replica/settings';

/** How a cluster on this machine stands, as its supervisor tells the agent. */
export interface Standing {
  readonly clusterId: string;
  readonly namespace: string;
  readonly cluster: string;
  readonly profile: Profile;
  /** The settings file in the repository. */
  readonly path: string;
  readonly base: string;
  readonly members: readonly StandingMember[];
  /** What all members run; undefined: not the same everywhere, because a change is under way. */
  readonly settings: ConsensusSettings | undefined;
  readonly lastHealthy: ConsensusSettings | undefined;
  /** Changes of settings that were applied, the newest last. */
  readonly changes: readonly AppliedChange[];
}

export interface StandingMember {
  readonly name: string;
  readonly id: number;
  /** Its page of metrics: `http://host:port/metrics`. */
  readonly metrics: string;
}

export interface AppliedChange {
  readonly commit: string;
  readonly patch: Patch;
  /** When the last member had it, milliseconds since 1970. */
  readonly at: number;
}

/** What a verification begins from. */
export interface VerifyInput {
  readonly incident: string;
  /** The JSON text that the verifier reads (docs/counterfactual.md); only the verifier judges it. */
  readonly question: string;
}

/** Nobody could verify it: that is no verdict on the patch. */
export const HELD_RESULT = 'NotVerified';

export interface HeldVerification {
  readonly result: typeof HELD_RESULT;
  /** For people. */
  readonly why: string;
}
