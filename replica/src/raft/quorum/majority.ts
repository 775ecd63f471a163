/** Voters that decide by simple majority: distinct ids, ascending. */
export type MajorityConfig = readonly number[];

export const VoteResult = { Pending: 0, Lost: 1, Won: 2 } as const;
export type VoteResult = (typeof VoteResult)[keyof typeof VoteResult];

/** What each voter has acknowledged: a log index, or the number of a read round. */
export interface AckLookup {
  /** undefined when the voter said nothing yet, which counts as 0. */
  acked(id: number): number | undefined;
}

export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** The highest index that a majority acknowledged. Nobody to ask: no bound, so that an empty half of a joint pair agrees. */
export function majorityCommitted(config: MajorityConfig, acks: AckLookup): number {
  const n = config.length;
  if (n === 0) return Number.POSITIVE_INFINITY;
  // Insertion sort: a handful of voters, on the path of every acknowledgement.
  const sorted: number[] = [];
  for (let i = 0; i < n; i++) {
    const index = acks.acked(config[i]!) ?? 0;
    let at = i;
    for (; at > 0 && sorted[at - 1]! > index; at--) sorted[at] = sorted[at - 1]!;
    sorted[at] = index;
  }
  return sorted[n - majority(n)]!;
}

/** The outcome as far as the votes cast decide it. An empty config is won. */
export function majorityVote(config: MajorityConfig, votes: ReadonlyMap<number, boolean>): VoteResult {
  if (config.length === 0) return VoteResult.Won;
  let granted = 0;
  let missing = 0;
  for (const id of config) {
    const vote = votes.get(id);
    if (vote === undefined) missing++;
    else if (vote) granted++;
  }
  const needed = majority(config.length);
  if (granted >= needed) return VoteResult.Won;
  return granted + missing >= needed ? VoteResult.Pending : VoteResult.Lost;
}
