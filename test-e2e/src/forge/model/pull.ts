import type { Identity } from './identity.js';
import type { Repository } from './repository.js';

export type ReviewState = 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED';

export interface Review {
  readonly id: number;
  readonly user: Identity;
  state: ReviewState;
  readonly body: string;
  /** The head that was looked at. */
  readonly commit: string;
  readonly submittedAt: string;
}

/** A pull request; it shares its numbers with the issues. */
export interface Pull {
  readonly number: number;
  readonly author: Identity;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  draft: boolean;
  labels: readonly string[];
  readonly headRepository: Repository;
  readonly headRef: string;
  /** The head as it was seen last: it stays when the branch goes. */
  headSha: string;
  baseRef: string;
  baseSha: string;
  readonly createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  merged: {
    readonly at: string;
    readonly by: Identity;
    readonly sha: string;
    readonly commits: readonly string[];
  } | null;
  readonly reviews: Review[];
}

/** Those whose last word is an approval, of any head. */
export function approvals({ reviews }: Pull): Review[] {
  const last = new Map<string, Review>();
  for (const review of reviews) if (review.state !== 'COMMENTED') last.set(review.user.login, review);
  return [...last.values()].filter(({ state }) => state === 'APPROVED');
}
