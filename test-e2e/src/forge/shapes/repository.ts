import type { Schemas } from '../http/api-types.js';
import type { Identity } from '../model/identity.js';
import type { Repository } from '../model/repository.js';
import { nodeId, permissionsOf, simpleUser } from './user.js';

const AT = '2020-01-01T00:00:00Z';

export function repositoryUrl(api: string, repository: Repository): string {
  return `${api}/repos/${repository.fullName}`;
}

/** As it stands inside other answers. */
export function repositoryShape(
  api: string,
  repository: Repository,
  viewer?: Identity,
): Schemas['repository'] {
  const { id, name, fullName, owner, isPrivate, defaultBranch, forkOf } = repository;
  const url = repositoryUrl(api, repository);
  const web = `https://github.com/${fullName}`;
  return {
    id,
    node_id: nodeId('R', id),
    name,
    full_name: fullName,
    owner: simpleUser(api, owner),
    private: isPrivate,
    html_url: web,
    description: null,
    fork: forkOf !== undefined,
    url,
    ...links(url),
    git_url: `git://github.com/${fullName}.git`,
    ssh_url: `git@github.com:${fullName}.git`,
    clone_url: `${web}.git`,
    svn_url: web,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    size: 0,
    default_branch: defaultBranch,
    open_issues: 0,
    open_issues_count: 0,
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    archived: false,
    disabled: false,
    visibility: isPrivate ? 'private' : 'public',
    pushed_at: AT,
    created_at: AT,
    updated_at: AT,
    permissions: permissionsOf(repository.roleOf(viewer)),
  };
}

export function fullRepository(
  api: string,
  repository: Repository,
  viewer?: Identity,
): Schemas['full-repository'] {
  const { forkOf } = repository;
  const { starred_at: _, ...shape } = repositoryShape(api, repository, viewer);
  const parent =
    forkOf === undefined
      ? {}
      : { parent: repositoryShape(api, forkOf), source: repositoryShape(api, forkOf) };
  return {
    ...shape,
    ...parent,
    has_discussions: false,
    pushed_at: AT,
    created_at: AT,
    updated_at: AT,
    subscribers_count: 0,
    network_count: 0,
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: true,
  };
}

function links(url: string) {
  return {
    archive_url: `${url}/{archive_format}{/ref}`,
    assignees_url: `${url}/assignees{/user}`,
    blobs_url: `${url}/git/blobs{/sha}`,
    branches_url: `${url}/branches{/branch}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    comments_url: `${url}/comments{/number}`,
    commits_url: `${url}/commits{/sha}`,
    compare_url: `${url}/compare/{base}...{head}`,
    contents_url: `${url}/contents/{+path}`,
    contributors_url: `${url}/contributors`,
    deployments_url: `${url}/deployments`,
    downloads_url: `${url}/downloads`,
    events_url: `${url}/events`,
    forks_url: `${url}/forks`,
    git_commits_url: `${url}/git/commits{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    git_tags_url: `${url}/git/tags{/sha}`,
    hooks_url: `${url}/hooks`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    issue_events_url: `${url}/issues/events{/number}`,
    issues_url: `${url}/issues{/number}`,
    keys_url: `${url}/keys{/key_id}`,
    labels_url: `${url}/labels{/name}`,
    languages_url: `${url}/languages`,
    merges_url: `${url}/merges`,
    milestones_url: `${url}/milestones{/number}`,
    notifications_url: `${url}/notifications{?since,all,participating}`,
    pulls_url: `${url}/pulls{/number}`,
    releases_url: `${url}/releases{/id}`,
    stargazers_url: `${url}/stargazers`,
    statuses_url: `${url}/statuses/{sha}`,
    subscribers_url: `${url}/subscribers`,
    subscription_url: `${url}/subscription`,
    tags_url: `${url}/tags`,
    teams_url: `${url}/teams`,
    trees_url: `${url}/git/trees{/sha}`,
  };
}
