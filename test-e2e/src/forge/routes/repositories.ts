import { ApiError, notFound, type Schemas } from '../http/api-types.js';
import { page, reply, route, textOf, type Route } from '../http/router.js';
import type { Repository } from '../model/repository.js';
import { commitShape } from '../shapes/commit.js';
import { fullRepository, repositoryUrl } from '../shapes/repository.js';
import type { Context } from './context.js';

export function repositoryRoutes(context: Context): Route[] {
  const { api, identities, repositories } = context;
  return [
    route('get', '/repos/{owner}/{repo}', async (call) => {
      return reply(200, fullRepository(api, context.repository(call), call.viewer));
    }),
    route('post', '/repos/{owner}/{repo}/forks', async (call) => {
      const origin = context.repository(call);
      const viewer = context.viewer(call);
      const there = repositories.find(`${viewer.login}/${origin.name}`);
      const options = { private: origin.isPrivate, defaultBranch: origin.defaultBranch, forkOf: origin };
      const fork = there ?? (await repositories.create(viewer, origin.name, options));
      return reply(202, fullRepository(api, fork, viewer));
    }),
    route('post', '/repos/{owner}/{repo}/merge-upstream', async (call) => {
      const repository = context.repository(call, 'write');
      const branch = textOf(call, 'branch');
      if (!(await repository.follow(context.viewer(call), branch)))
        throw new ApiError(409, 'There are merge conflicts');
      return reply(200, { message: 'Successfully fetched', merge_type: 'fast-forward', base_branch: branch });
    }),
    route('get', '/repos/{owner}/{repo}/branches', async (call) => {
      const repository = context.repository(call);
      const { body, headers } = page(call, await repository.git.branches());
      const branches: Schemas['short-branch'][] = body.map(({ name, sha }) => ({
        name,
        commit: { sha, url: `${repositoryUrl(api, repository)}/commits/${sha}` },
        protected: repository.rulesFor(name).length > 0,
      }));
      return reply(200, branches, headers);
    }),
    route('get', '/repos/{owner}/{repo}/branches/{branch}', async (call) => {
      const repository = context.repository(call);
      const name = call.params['branch']!;
      const sha = await repository.git.head(name);
      if (sha === undefined) throw notFound();
      return reply(200, await branchShape(repository, name, sha));
    }),
  ];

  async function branchShape(
    repository: Repository,
    name: string,
    sha: string,
  ): Promise<Schemas['branch-with-protection']> {
    const self = `${repositoryUrl(api, repository)}/branches/${name}`;
    return {
      name,
      commit: commitShape(api, repository, await repository.git.commit(sha), identities),
      _links: { self, html: `https://github.com/${repository.fullName}/tree/${name}` },
      protected: repository.rulesFor(name).length > 0,
      protection: { enabled: false },
      protection_url: `${self}/protection`,
    };
  }
}
