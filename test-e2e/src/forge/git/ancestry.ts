import type { Commit } from './commit.js';

export type ReadCommit = (sha: string) => Commit;

/** A commit and all that it builds on. */
export function ancestors(read: ReadCommit, sha: string): Set<string> {
  const found = new Set([sha]);
  for (const at of found) for (const parent of read(at).parents) found.add(parent);
  return found;
}

export function isAncestor(read: ReadCommit, ancestor: string, descendant: string): boolean {
  return ancestors(read, descendant).has(ancestor);
}

/** The commits that are in `sha` and not in `not`, in no order that means anything. */
export function commitsBetween(read: ReadCommit, sha: string, not: string | undefined): Commit[] {
  const excluded = not === undefined ? new Set<string>() : ancestors(read, not);
  return [...ancestors(read, sha)].filter((id) => !excluded.has(id)).map(read);
}

/** Newest first, if they are one line; undefined: their order is for git to say. */
export function asLine(commits: readonly Commit[], head: string): Commit[] | undefined {
  const open = new Map(commits.map((commit) => [commit.sha, commit]));
  const line: Commit[] = [];
  for (let at = open.get(head); at !== undefined;) {
    line.push(at);
    open.delete(at.sha);
    const next: Commit[] = at.parents.flatMap((parent) => open.get(parent) ?? []);
    if (next.length > 1) return undefined;
    at = next[0];
  }
  return open.size === 0 ? line : undefined;
}
