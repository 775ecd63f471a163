import type { Membership, StateMachine } from '@aegis/replica/sim';

/** The voters of a configuration: one set, or two while it changes. */
export type Quorums = readonly (readonly number[])[];

export function quorumsOf({ voters, votersOutgoing }: Membership['confState']): Quorums {
  return votersOutgoing.length === 0 ? [voters] : [voters, votersOutgoing];
}

/** As a member has applied it. */
export function votersOf(state: StateMachine): Quorums {
  return quorumsOf(state.membership!.confState);
}

/** Whether a majority of each set is among those. */
export function hasQuorum(sets: Quorums, among: (voter: number) => boolean): boolean {
  return sets.every((voters) => voters.filter(among).length * 2 > voters.length);
}
