import { ApiError, invalid, type Schemas } from '../http/api-types.js';
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
import type { Pull } from '../model/pull.js';
import type { Repository } from '../model/repository.js';
import type { MergeMethod } from '../git/merging.js';
import { commitShape } from '../shapes/commit.js';
import { fullPull, simplePull } from '../shapes/pull.js';
import type { Context } from './context.js';

const METHODS: readonly MergeMethod[] = ['merge', 'squash', 'rebase'];

export function pullRoutes(context: Context): Route[] {
  const { api, identities, repositories } = context;
  return [
    route('get', '/repos/{owner}/{repo}/pulls', async (call) => {
      const repository = context.repository(call);
      const state = call.query.get('state') ?? 'open';
      const [base, head] = [call.query.get('base'), call.query.get('head')];
      const wanted = [...repository.pulls.values()].reverse().filter((pull) => {
        const label = `${pull.headRepository.owner.login}:${pull.headRef}`;
        return (
          (state === 'all' || pull.state === state) &&
          (base ?? pull.baseRef) === pull.baseRef &&
          (head ?? label) === label
        );
      });
      const { body, headers } = page(call, wanted);
      for (const pull of body) await repository.refresh(pull);
      return reply(
        200,
        body.map((pull) => simplePull(api, repository, pull)),
        headers,
      );
    }),
    route('post', '/repos/{owner}/{repo}/pulls', async (call) => {
      const repository = context.repository(call);
      const from = headOf(call, repository);
      const author = context.viewer(call);
      const pull = await repository.open(
        author,
        from,
        textOf(call, 'base'),
        textOf(call, 'title'),
        bodyTextOf(call),
        call.body['draft'] === true,
      );
      return reply(201, await fullPull(api, repository, pull));
    }),
    route('get', '/repos/{owner}/{repo}/pulls/{pull_number}', async (call) => {
      const repository = context.repository(call);
      return reply(200, await fullPull(api, repository, await context.pull(call, repository)));
    }),
    route('patch', '/repos/{owner}/{repo}/pulls/{pull_number}', async (call) => {
      const repository = context.repository(call);
      const pull = await context.pull(call, repository);
      const viewer = context.viewer(call);
      if (pull.author !== viewer && !atLeast(repository.roleOf(viewer), 'write')) {
        throw new ApiError(403, 'Resource not accessible by this identity');
      }
      update(call, repository, pull);
      return reply(200, await fullPull(api, repository, pull));
    }),
    route('get', '/repos/{owner}/{repo}/pulls/{pull_number}/commits', async (call) => {
      const repository = context.repository(call);
      const pull = await context.pull(call, repository);
      const commits = (await repository.git.log(pull.headSha, { not: pull.baseSha })).reverse();
      const { body, headers } = page(call, commits);
      return reply(
        200,
        body.map((commit) => commitShape(api, repository, commit, identities)),
        headers,
      );
    }),
    route('put', '/repos/{owner}/{repo}/pulls/{pull_number}/merge', async (call) => {
      const repository = context.repository(call);
      const pull = await context.pull(call, repository);
      const method = (optionalTextOf(call, 'merge_method') ?? 'merge') as MergeMethod;
      if (!METHODS.includes(method)) throw invalid('PullRequest', 'merge_method', `${method} is no method`);
      const sha = await repository.merge(pull, context.viewer(call), method, optionalTextOf(call, 'sha'));
      const body: Schemas['pull-request-merge-result'] = {
        sha,
        merged: true,
        message: 'Pull Request successfully merged',
      };
      return reply(200, body);
    }),
  ];

  /** `branch`, or `owner:branch` of a fork. */
  function headOf(call: Call, repository: Repository): { repository: Repository; ref: string } {
    const [owner, ref] = textOf(call, 'head').split(':');
    if (ref === undefined) return { repository, ref: owner! };
    const fork = repositories.all().find((other) => {
      return (
        other.owner.login.toLowerCase() === owner!.toLowerCase() &&
        (other === repository || other.forkOf === repository)
      );
    });
    if (fork === undefined)
      throw invalid('PullRequest', 'head', `${owner} has no fork of ${repository.fullName}`);
    return { repository: fork, ref };
  }

  function update(call: Call, repository: Repository, pull: Pull): void {
    pull.title = optionalTextOf(call, 'title') ?? pull.title;
    if ('body' in call.body) pull.body = bodyTextOf(call);
    pull.baseRef = optionalTextOf(call, 'base') ?? pull.baseRef;
    const state = optionalTextOf(call, 'state') ?? pull.state;
    if (state !== 'open' && state !== 'closed') throw invalid('PullRequest', 'state', `${state} is no state`);
    if (pull.merged !== null && state === 'open')
      throw invalid('PullRequest', 'state', 'A merged request stays closed');
    pull.updatedAt = repository.clock.next();
    if (state === 'closed') pull.closedAt ??= pull.updatedAt;
    else pull.closedAt = null;
    pull.state = state;
  }
}
