import type { Schemas } from '../http/api-types.js';
import type { Pull, Review } from '../model/pull.js';
import type { Repository } from '../model/repository.js';
import { repositoryShape, repositoryUrl } from './repository.js';
import { association, nodeId, simpleUser } from './user.js';

/** Of a list: without who merged, and without counts. */
export function simplePull(api: string, repository: Repository, pull: Pull): Schemas['pull-request-simple'] {
  return {
    ...linksOf(api, repository, pull),
    id: repository.id * 10_000 + pull.number,
    node_id: nodeId('PR', pull.number),
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: simpleUser(api, pull.author),
    body: pull.body,
    labels: pull.labels.map((name, at) => ({ ...labelShape(api, repository, name, at), description: '' })),
    milestone: null,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.merged?.at ?? null,
    merge_commit_sha: pull.merged?.sha ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: side(api, pull.headRepository, pull.headRef, pull.headSha),
    base: side(api, repository, pull.baseRef, pull.baseSha),
    author_association: association(repository.roleOf(pull.author)),
    auto_merge: null,
    draft: pull.draft,
  };
}

export async function fullPull(
  api: string,
  repository: Repository,
  pull: Pull,
): Promise<Schemas['pull-request']> {
  const { requested_teams: _, ...simple } = simplePull(api, repository, pull);
  const { git } = repository;
  const files = await git.diff(
    (await git.mergeBase(pull.baseSha, pull.headSha)) ?? pull.baseSha,
    pull.headSha,
  );
  return {
    ...simple,
    state: pull.state,
    user: simpleUser(api, pull.author),
    head: side(api, pull.headRepository, pull.headRef, pull.headSha),
    base: side(api, repository, pull.baseRef, pull.baseSha),
    merged: pull.merged !== null,
    mergeable: pull.state === 'open' ? await repository.mergeable(pull) : null,
    rebaseable: null,
    mergeable_state: pull.state === 'open' ? 'clean' : 'unknown',
    merged_by: pull.merged === null ? null : simpleUser(api, pull.merged.by),
    comments: 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: await git.count(pull.headSha, pull.baseSha),
    additions: files.reduce((sum, { additions }) => sum + additions, 0),
    deletions: files.reduce((sum, { deletions }) => sum + deletions, 0),
    changed_files: files.length,
  };
}

export function labelShape(api: string, repository: Repository, name: string, at: number): Schemas['label'] {
  return {
    id: repository.id * 1_000 + at,
    node_id: nodeId('LA', at),
    url: `${repositoryUrl(api, repository)}/labels/${encodeURIComponent(name)}`,
    name,
    description: null,
    color: 'ededed',
    default: false,
  };
}

export function reviewShape(
  api: string,
  repository: Repository,
  pull: Pull,
  review: Review,
): Schemas['pull-request-review'] {
  const { html_url: web, url } = linksOf(api, repository, pull);
  const html = `${web}#pullrequestreview-${review.id}`;
  return {
    id: review.id,
    node_id: nodeId('PRR', review.id),
    user: simpleUser(api, review.user),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: url,
    _links: { html: { href: html }, pull_request: { href: url } },
    submitted_at: review.submittedAt,
    commit_id: review.commit,
    author_association: association(repository.roleOf(review.user)),
  };
}

function side(api: string, repository: Repository, ref: string, sha: string) {
  return {
    label: `${repository.owner.login}:${ref}`,
    ref,
    sha,
    user: simpleUser(api, repository.owner),
    repo: repositoryShape(api, repository),
  };
}

function linksOf(api: string, repository: Repository, pull: Pull) {
  const base = repositoryUrl(api, repository);
  const url = `${base}/pulls/${pull.number}`;
  const issue = `${base}/issues/${pull.number}`;
  const web = `https://github.com/${repository.fullName}/pull/${pull.number}`;
  const links = {
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${base}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: `${base}/statuses/${pull.headSha}`,
  };
  return {
    ...links,
    url,
    html_url: web,
    diff_url: `${web}.diff`,
    patch_url: `${web}.patch`,
    issue_url: issue,
    _links: {
      self: { href: url },
      html: { href: web },
      issue: { href: issue },
      comments: { href: links.comments_url },
      commits: { href: links.commits_url },
      statuses: { href: links.statuses_url },
      review_comments: { href: links.review_comments_url },
      review_comment: { href: links.review_comment_url },
    },
  };
}
