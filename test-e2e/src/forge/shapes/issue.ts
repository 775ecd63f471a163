import type { Schemas } from '../http/api-types.js';
import type { Issue, Repository } from '../model/repository.js';
import { repositoryUrl } from './repository.js';
import { association, nodeId, simpleUser } from './user.js';

export function issueShape(api: string, repository: Repository, issue: Issue): Schemas['issue'] {
  const base = repositoryUrl(api, repository);
  const url = `${base}/issues/${issue.number}`;
  return {
    id: repository.id * 10_000 + issue.number,
    node_id: nodeId('I', issue.number),
    url,
    repository_url: base,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: `https://github.com/${repository.fullName}/issues/${issue.number}`,
    number: issue.number,
    state: issue.state,
    state_reason: issue.state === 'closed' ? 'completed' : null,
    title: issue.title,
    body: issue.body,
    user: simpleUser(api, issue.author),
    labels: issue.labels.map((name) => ({ name, color: 'ededed', default: false, description: null })),
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    comments: issue.comments.length,
    closed_at: issue.closedAt,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    author_association: association(repository.roleOf(issue.author)),
  };
}

export function commentShape(
  api: string,
  repository: Repository,
  issue: Issue,
  comment: Issue['comments'][number],
): Schemas['issue-comment'] {
  const base = repositoryUrl(api, repository);
  return {
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    url: `${base}/issues/comments/${comment.id}`,
    html_url: `https://github.com/${repository.fullName}/issues/${issue.number}#issuecomment-${comment.id}`,
    issue_url: `${base}/issues/${issue.number}`,
    body: comment.body,
    user: simpleUser(api, comment.author),
    created_at: comment.at,
    updated_at: comment.at,
    author_association: association(repository.roleOf(comment.author)),
  };
}
