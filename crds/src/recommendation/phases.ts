/** The way of a recommendation. */
export const RECOMMENDATION_PHASES = {
  Proposed: 'made by the agent.',
  Verified: 'it improved what it was meant to, in paired runs under both settings.',
  PullRequestOpen: 'a person can merge it.',
  Merged: 'a person merged it.',
  Applied: 'the cluster runs it.',
  Rejected: 'closed without a merge, or it made no difference, or did harm, or could not be verified.',
  Superseded: 'a newer one took its place, or the settings that it was made for have changed.',
  Expired: 'nobody merged it in time.',
  CannotReproduce: 'the trouble did not show in the replay, so nothing could be verified.',
} as const;

export type RecommendationPhase = keyof typeof RECOMMENDATION_PHASES;

/** What does not change any more. */
export const FINAL_PHASES = [
  'Applied',
  'Rejected',
  'Superseded',
  'Expired',
  'CannotReproduce',
] as const satisfies readonly RecommendationPhase[];
