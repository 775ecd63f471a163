import { ApiError, invalid, notFound } from '../http/api-types.js';
import {
  bodyTextOf,
  optionalTextOf,
  page,
  reply,
  route,
  textOf,
  type Call,
  type Route,
} from '../http/router.js';
import { atLeast } from '../model/identity.js';
import type { Issue, Repository } from '../model/repository.js';
import { commentShape, issueShape } from '../shapes/issue.js';
import { labelShape } from '../shapes/pull.js';
import type { Context } from './context.js';

export function issueRoutes(context: Context): Route[] {
  const { api } = context;
  let lastComment = 300_000;
  return [
    route('get', '/repos/{owner}/{repo}/issues', async (call) => {
      const repository = context.repository(call);
      const state = call.query.get('state') ?? 'open';
      const labels = (call.query.get('labels') ?? '').split(',').filter((label) => label !== '');
      const creator = call.query.get('creator');
      const wanted = [...repository.issues.values()].reverse().filter((issue) => {
        const named = labels.every((label) => issue.labels.includes(label));
        return (
          (state === 'all' || issue.state === state) &&
          named &&
          (creator ?? issue.author.login) === issue.author.login
        );
      });
      const { body, headers } = page(call, wanted);
      return reply(
        200,
        body.map((issue) => issueShape(api, repository, issue)),
        headers,
      );
    }),
    route('post', '/repos/{owner}/{repo}/issues', async (call) => {
      const repository = context.repository(call);
      const author = context.viewer(call);
      const number = repository.nextNumber();
      const at = repository.clock.next();
      // Who may not write cannot label: GitHub drops the labels without a word.
      const labels = atLeast(repository.roleOf(author), 'triage') ? labelsOf(call) : [];
      const issue: Issue = {
        number,
        author,
        title: textOf(call, 'title'),
        body: bodyTextOf(call),
        state: 'open',
        labels: labels ?? [],
        createdAt: at,
        updatedAt: at,
        closedAt: null,
        comments: [],
      };
      repository.issues.set(number, issue);
      return reply(201, issueShape(api, repository, issue));
    }),
    route('get', '/repos/{owner}/{repo}/issues/{issue_number}', async (call) => {
      const repository = context.repository(call);
      return reply(200, issueShape(api, repository, find(call, repository)));
    }),
    route('patch', '/repos/{owner}/{repo}/issues/{issue_number}', async (call) => {
      const repository = context.repository(call);
      const issue = find(call, repository);
      const viewer = context.viewer(call);
      if (issue.author !== viewer && !atLeast(repository.roleOf(viewer), 'triage')) {
        throw new ApiError(403, 'Resource not accessible by this identity');
      }
      const state = optionalTextOf(call, 'state') ?? issue.state;
      if (state !== 'open' && state !== 'closed') throw invalid('Issue', 'state', `${state} is no state`);
      issue.title = optionalTextOf(call, 'title') ?? issue.title;
      if ('body' in call.body) issue.body = bodyTextOf(call);
      issue.labels = labelsOf(call) ?? issue.labels;
      issue.updatedAt = repository.clock.next();
      issue.closedAt = state === 'closed' ? (issue.closedAt ?? issue.updatedAt) : null;
      issue.state = state;
      return reply(200, issueShape(api, repository, issue));
    }),
    // Requests share their numbers, and their labels, with issues.
    route('post', '/repos/{owner}/{repo}/issues/{issue_number}/labels', async (call) => {
      const repository = context.repository(call, 'triage');
      const number = Number(call.params['issue_number']);
      const labelled = repository.pulls.get(number) ?? find(call, repository);
      labelled.labels = [...new Set([...labelled.labels, ...(labelsOf(call) ?? [])])];
      return reply(
        200,
        labelled.labels.map((name, at) => labelShape(api, repository, name, at)),
      );
    }),
    route('get', '/repos/{owner}/{repo}/issues/{issue_number}/comments', async (call) => {
      const repository = context.repository(call);
      const issue = find(call, repository);
      const { body, headers } = page(call, issue.comments);
      return reply(
        200,
        body.map((comment) => commentShape(api, repository, issue, comment)),
        headers,
      );
    }),
    route('post', '/repos/{owner}/{repo}/issues/{issue_number}/comments', async (call) => {
      const repository = context.repository(call);
      const issue = find(call, repository);
      const author = context.viewer(call);
      const comment = { id: ++lastComment, author, body: textOf(call, 'body'), at: repository.clock.next() };
      issue.comments.push(comment);
      return reply(201, commentShape(api, repository, issue, comment));
    }),
  ];

  function find(call: Call, repository: Repository): Issue {
    const issue = repository.issues.get(Number(call.params['issue_number']));
    if (issue === undefined) throw notFound();
    return issue;
  }

  function labelsOf(call: Call): string[] | undefined {
    const labels = call.body['labels'];
    if (!Array.isArray(labels)) return undefined;
    return labels.map((label: unknown) =>
      typeof label === 'string' ? label : (label as { name: string }).name,
    );
  }
}
