import type { BareRepository, Signature } from './repository.js';

export type MergeMethod = 'merge' | 'squash' | 'rebase';

export interface Merge {
  readonly method: MergeMethod;
  readonly base: string;
  readonly head: string;
  readonly message: string;
  readonly merger: Signature;
  /** Who commits what the website merges. */
  readonly committer: Signature;
}

/** The commits that a merge would put on the base branch, oldest first; undefined if there is a conflict. */
export async function mergeCommits(git: BareRepository, merge: Merge): Promise<string[] | undefined> {
  if (merge.method === 'rebase') return rebase(git, merge);
  const tree = await git.mergeTree(merge.base, merge.head);
  if (tree === undefined) return undefined;
  const parents = merge.method === 'merge' ? [merge.base, merge.head] : [merge.base];
  const { merger: author, committer, message } = merge;
  return [await git.writeCommit({ tree, parents, author, committer, message })];
}

async function rebase(git: BareRepository, { base, head, committer }: Merge): Promise<string[] | undefined> {
  const commits = (await git.log(head, { not: base }))
    .reverse()
    .filter(({ parents }) => parents.length === 1);
  const made: string[] = [];
  let onto = base;
  for (const commit of commits) {
    const tree = await pickedTree(git, onto, commit.sha, commit.parents[0]!, committer);
    if (tree === undefined) return undefined;
    onto = await git.writeCommit({ ...commit, tree, parents: [onto], committer });
    made.push(onto);
  }
  return made;
}

/**
 * What `commit` changed, put on top of `onto`. Git merges two commits that are made for it, whose common ancestor is
 * the parent of the picked one.
 */
async function pickedTree(
  git: BareRepository,
  onto: string,
  commit: string,
  parent: string,
  signature: Signature,
): Promise<string | undefined> {
  const stand = (tree: string, parents: readonly string[]) => {
    return git.writeCommit({ tree, parents, author: signature, committer: signature, message: 'pick' });
  };
  const before = await stand((await git.commit(parent)).tree, []);
  const ours = await stand((await git.commit(onto)).tree, [before]);
  const theirs = await stand((await git.commit(commit)).tree, [before]);
  return git.mergeTree(ours, theirs);
}
