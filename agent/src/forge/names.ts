import { createHash } from 'node:crypto';
import type { Family } from '@aegis/replica/settings';
import { ForgeRefusal, type ProposalPage, type Target } from './forge.js';

/** Nothing outside of these is ever pushed to. */
export const BRANCHES = 'aegis/tuning/';
const BRANCH_CHARACTERS_MAX = 244;
const BRANCH = /^aegis\/tuning\/[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** One branch a cluster and family: proposing anew moves it, so that there is one pull request. */
export function branchOf({ clusterId, namespace, cluster }: Target, family: Family): string {
  return ownBranch(`${BRANCHES}${clusterId}-${namespace}-${cluster}-${family}`.toLowerCase());
}

/** Throws ForgeRefusal for a branch that is none of the agent's. */
export function ownBranch(branch: string): string {
  if (BRANCH.test(branch) && branch.length <= BRANCH_CHARACTERS_MAX) return branch;
  throw new ForgeRefusal('BranchForbidden', `${branch.slice(0, 100)} is no branch under ${BRANCHES}.`);
}

/** By which a page is known again; the same page has the same digest. */
export function digestOf({ target, family, patch, title, body }: ProposalPage): string {
  return sha256(JSON.stringify([target, family, patch, title, body]));
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What the agent's own commits end with: by it a branch tells whether somebody else was there. */
export function trailerOf(content: string): string {
  return `Aegis-Content: ${sha256(content)}`;
}
