import type { Reading } from './document.js';
import { ForgeError, type ChainCommit, type Forge, type PullRequest, type Review } from './forge.js';

/** First-parent commits that a change may lie back; the walk goes no further. */
export const WALK_COMMITS_MAX = 5000;
/** Files that one decision reads anew at most; the next goes on from there. */
export const FRESH_READS_MAX = 200;
/** Requests of one commit that are looked at; more is no honest history. */
const PULL_REQUESTS_MAX = 10;

/** One first-parent commit whose spec.consensus differs from its first parent's, and what it came by. */
export interface Change {
  readonly commit: string;
  readonly pullRequests: readonly ChangeRequest[];
}

export interface ChangeRequest extends PullRequest {
  /** Whether its merge put this commit onto the branch, judged by its place in the history. */
  readonly covers: boolean;
  /** Of one that a bot merged; else empty. */
  readonly reviews: readonly (Review & { readonly mayWrite: boolean })[];
}

/** The branch from its head back to the settings that run. */
export interface BranchHistory {
  readonly head: string;
  readonly reading: Reading;
  /** Whether the head comes after the commit that was applied last; true if none was. */
  readonly descends: boolean;
  /** Newest first. With nothing applied yet, the newest only. */
  readonly changes: readonly Change[];
  /** How the way back ended: at the settings that run; at the newest change, with none applied; at the beginning. */
  readonly end: 'base' | 'newest-change' | 'root' | 'too-long' | 'unfinished';
  readonly walked: number;
}

/** What the walk compares with. */
export interface LastApplied {
  readonly commit: string;
  readonly fingerprint: string;
}

/** The readings of one document: `fresh` counts those that were asked of the forge. */
export interface Readings {
  readonly fresh: number;
  at(commit: string): Promise<Reading>;
}

/**
 * Walks first parents from the head to the newest commit whose settings are those applied last. Throws ForgeError.
 *
 * @param needsReviews whether a bot's merge could count, so that its request's reviews matter
 */
export async function readHistory(
  forge: Forge,
  readings: Readings,
  head: string,
  last: LastApplied | undefined,
  needsReviews: (pullRequest: PullRequest) => boolean,
  limits: { readonly walk: number; readonly fresh: number } = {
    walk: WALK_COMMITS_MAX,
    fresh: FRESH_READS_MAX,
  },
): Promise<BranchHistory> {
  const reading = await readings.at(head);
  const descends = last === undefined || (await forge.descends(head, last.commit));
  const stop = !descends || reading.kind === 'none';
  const walk = stop
    ? { commits: [], chain: [], end: 'root' as const }
    : await changedCommits(forge, readings, head, last?.fingerprint, limits);
  const complete = walk.end === 'base' || walk.end === 'newest-change' || walk.end === 'root';
  const changes: Change[] = [];
  for (const position of complete ? walk.commits : []) {
    changes.push(await readChange(forge, walk.chain, position, needsReviews));
  }
  return { head, reading, descends, changes, end: walk.end, walked: walk.chain.length };
}

interface Walk {
  /** First parents, newest first. */
  readonly chain: readonly ChainCommit[];
  /** Places in the chain where the settings changed. */
  readonly commits: readonly number[];
  readonly end: BranchHistory['end'];
}

async function changedCommits(
  forge: Forge,
  readings: Readings,
  head: string,
  base: string | undefined,
  limits: { readonly walk: number; readonly fresh: number },
): Promise<Walk> {
  const chain: ChainCommit[] = [];
  const commits: number[] = [];
  const begin = readings.fresh;
  for await (const commit of firstParents(forge, head)) {
    const here = (await readings.at(commit.sha)).fingerprint;
    if (here === base) return { chain, commits, end: 'base' };
    chain.push(commit);
    const [parent] = commit.parents;
    const before = parent === undefined ? undefined : (await readings.at(parent)).fingerprint;
    if (here !== before) {
      commits.push(chain.length - 1);
      if (base === undefined) return { chain, commits, end: 'newest-change' };
    }
    if (chain.length >= limits.walk) return { chain, commits, end: 'too-long' };
    if (readings.fresh - begin >= limits.fresh) return { chain, commits, end: 'unfinished' };
  }
  return { chain, commits, end: 'root' };
}

async function* firstParents(forge: Forge, head: string): AsyncGenerator<ChainCommit> {
  const known = new Map<string, ChainCommit>();
  let next: string | undefined = head;
  while (next !== undefined) {
    if (!known.has(next)) for (const commit of await forge.commits(next)) known.set(commit.sha, commit);
    const commit: ChainCommit | undefined = known.get(next);
    if (commit === undefined)
      throw new ForgeError('ForgeNonsense', `The commit ${next} was asked for, and others came.`);
    yield commit;
    known.delete(next);
    next = commit.parents[0];
  }
}

async function readChange(
  forge: Forge,
  chain: readonly ChainCommit[],
  position: number,
  needsReviews: (pullRequest: PullRequest) => boolean,
): Promise<Change> {
  const { sha: commit } = chain[position]!;
  const pullRequests: ChangeRequest[] = [];
  for (const number of (await forge.pullRequestsOf(commit)).slice(0, PULL_REQUESTS_MAX)) {
    const request = await forge.pullRequest(number);
    const reviews = needsReviews(request) ? await readReviews(forge, number) : [];
    pullRequests.push({ ...request, reviews, covers: covers(chain, position, request) });
  }
  return { commit, pullRequests };
}

async function readReviews(forge: Forge, number: number): Promise<ChangeRequest['reviews']> {
  const reviews: (Review & { mayWrite: boolean })[] = [];
  for (const review of await forge.reviews(number)) {
    const counts = review.state === 'APPROVED' && review.user?.type === 'User';
    reviews.push({ ...review, mayWrite: counts && (await forge.mayWrite(review.user.login)) });
  }
  return reviews;
}

/**
 * A merge or a squash is the request's merge commit itself. A rebase leaves as many commits as the request has, one
 * after the other, of which the merge commit is the last; none of them joins two ways.
 */
function covers(chain: readonly ChainCommit[], position: number, request: PullRequest): boolean {
  const last = chain.findIndex(({ sha }) => sha === request.mergeCommit);
  if (last === -1 || last > position || position - last >= Math.max(1, request.commits)) return false;
  return last === position || chain.slice(last, position + 1).every(({ parents }) => parents.length < 2);
}
