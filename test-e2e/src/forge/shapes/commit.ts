import type { Commit, FileChange } from '../git/repository.js';
import type { Schemas } from '../http/api-types.js';
import type { Identities } from '../model/identity.js';
import type { Repository } from '../model/repository.js';
import { repositoryUrl } from './repository.js';
import { nodeId, simpleUser } from './user.js';

const UNSIGNED = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };

export function commitShape(
  api: string,
  repository: Repository,
  commit: Commit,
  identities: Identities,
): Schemas['commit'] {
  const url = `${repositoryUrl(api, repository)}/commits/${commit.sha}`;
  const userOf = (email: string) => {
    const identity = identities.withEmail(email);
    return identity === undefined ? null : simpleUser(api, identity);
  };
  return {
    url,
    sha: commit.sha,
    node_id: nodeId('C', commit.sha),
    html_url: webUrl(repository, commit.sha),
    comments_url: `${url}/comments`,
    commit: {
      url: gitUrl(api, repository, commit.sha),
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      comment_count: 0,
      tree: { sha: commit.tree, url: `${repositoryUrl(api, repository)}/git/trees/${commit.tree}` },
      verification: UNSIGNED,
    },
    author: userOf(commit.author.email),
    committer: userOf(commit.committer.email),
    parents: parentsOf(api, repository, commit),
  };
}

export function gitCommitShape(api: string, repository: Repository, commit: Commit): Schemas['git-commit'] {
  return {
    sha: commit.sha,
    node_id: nodeId('C', commit.sha),
    url: gitUrl(api, repository, commit.sha),
    html_url: webUrl(repository, commit.sha),
    author: commit.author,
    committer: commit.committer,
    message: commit.message,
    tree: { sha: commit.tree, url: `${repositoryUrl(api, repository)}/git/trees/${commit.tree}` },
    parents: parentsOf(api, repository, commit),
    verification: UNSIGNED,
  };
}

export function diffEntry(
  api: string,
  repository: Repository,
  commit: string,
  change: FileChange,
): Schemas['diff-entry'] {
  const { path, additions, deletions, status, sha } = change;
  const web = `https://github.com/${repository.fullName}`;
  return {
    sha,
    filename: path,
    status,
    additions,
    deletions,
    changes: additions + deletions,
    blob_url: `${web}/blob/${commit}/${path}`,
    raw_url: `${web}/raw/${commit}/${path}`,
    contents_url: `${repositoryUrl(api, repository)}/contents/${path}?ref=${commit}`,
  };
}

export function refShape(api: string, repository: Repository, ref: string, sha: string): Schemas['git-ref'] {
  const url = repositoryUrl(api, repository);
  return {
    ref,
    node_id: nodeId('REF', ref),
    url: `${url}/git/${ref}`,
    object: { type: 'commit', sha, url: gitUrl(api, repository, sha) },
  };
}

function parentsOf(api: string, repository: Repository, { parents }: Commit) {
  return parents.map((sha) => ({
    sha,
    url: `${repositoryUrl(api, repository)}/commits/${sha}`,
    html_url: webUrl(repository, sha),
  }));
}

function gitUrl(api: string, repository: Repository, sha: string): string {
  return `${repositoryUrl(api, repository)}/git/commits/${sha}`;
}

function webUrl(repository: Repository, sha: string): string {
  return `https://github.com/${repository.fullName}/commit/${sha}`;
}
