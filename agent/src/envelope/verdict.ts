import {
  judgeProposal,
  resolveSettings,
  rollbackOf,
  SettingsError,
  type ChangeVerdict,
  type ConsensusSettings,
  type Observations,
  type Pace,
  type Patch,
  type Profile,
} from '@aegis/replica/settings';

/** What a patch is held against. */
export interface Gate {
  readonly profile: Profile;
  readonly replicas: number;
  /** What the cluster runs. */
  readonly base: ConsensusSettings;
  readonly observations: Observations;
  readonly pace: Pace;
  readonly lastHealthy?: ConsensusSettings | undefined;
}

export type GateVerdict =
  | ({ readonly readable: true; readonly patch: Patch; readonly rollback: Patch } & ChangeVerdict)
  /** It is no patch of settings at all. */
  | { readonly readable: false; readonly passed: false; readonly why: string };

/**
 * The verdict on what somebody proposes over the settings that run; nothing about it is trusted.
 *
 * @param proposed names and values as they came, from our own table or out of a model
 */
export function verdictOn(proposed: Readonly<Record<string, unknown>>, gate: Gate): GateVerdict {
  const { base, profile, replicas, observations, pace, lastHealthy } = gate;
  try {
    resolveSettings(profile, proposed);
  } catch (error) {
    if (error instanceof SettingsError) return { readable: false, passed: false, why: error.message };
    throw error;
  }
  const patch = proposed as Patch;
  const rollback = rollbackOf(base, patch);
  const context = { replicas };
  const verdict = judgeProposal({ base, patch, rollback, context, observations, pace, lastHealthy });
  return { readable: true, patch, rollback, ...verdict };
}
