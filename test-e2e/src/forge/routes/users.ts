import { ApiError, notFound } from '../http/api-types.js';
import { page, reply, route, type Route } from '../http/router.js';
import { repositoryShape } from '../shapes/repository.js';
import { collaboratorPermission, publicUser } from '../shapes/user.js';
import type { Context } from './context.js';

export function userRoutes(context: Context): Route[] {
  const { api, identities, repositories } = context;
  return [
    route('get', '/user', async (call) => {
      const viewer = context.viewer(call);
      if (viewer.app !== undefined) throw new ApiError(403, 'Resource not accessible by integration');
      return reply(200, publicUser(api, viewer));
    }),
    route('get', '/users/{username}', async (call) => {
      const identity = identities.withLogin(call.params['username']!);
      if (identity === undefined) throw notFound();
      return reply(200, publicUser(api, identity));
    }),
    route('get', '/installation/repositories', async (call) => {
      const viewer = context.viewer(call);
      if (viewer.app === undefined)
        throw new ApiError(403, 'You must authenticate with an installation access token');
      const own = repositories.all().filter((repository) => repository.roles.has(viewer.login));
      const { body, headers } = page(call, own);
      const shapes = body.map((repository) => repositoryShape(api, repository, viewer));
      return reply(200, { total_count: own.length, repositories: shapes }, headers);
    }),
    route('get', '/repos/{owner}/{repo}/collaborators/{username}/permission', async (call) => {
      const repository = context.repository(call);
      context.viewer(call);
      const identity = identities.withLogin(call.params['username']!);
      if (identity === undefined) throw notFound();
      return reply(200, collaboratorPermission(api, identity, repository.roleOf(identity)));
    }),
  ];
}
