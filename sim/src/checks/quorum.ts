import type { StateMachine } from '@aegis/replica/sim';

/** The voters of a configuration: one set, or two while it changes. */
export function votersOf(state: StateMachine): readonly (readonly number[])[] {
  const { voters, votersOutgoing } = state.membership!.confState;
  return votersOutgoing.length === 0 ? [voters] : [voters, votersOutgoing];
}

/** Whether a majority of each set is among those. */
export function hasQuorum(sets: readonly (readonly number[])[], among: (voter: number) => boolean): boolean {
  return sets.every((voters) => voters.filter(among).length * 2 > voters.length);
}
