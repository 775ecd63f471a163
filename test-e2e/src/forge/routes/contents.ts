import { ApiError, invalid, notFound, type Schemas } from '../http/api-types.js';
import { optionalTextOf, reply, route, textOf, type Route } from '../http/router.js';
import { contentShape, folderShape } from '../shapes/content.js';
import { gitCommitShape } from '../shapes/commit.js';
import type { Context } from './context.js';

export function contentRoutes(context: Context): Route[] {
  const { api } = context;
  return [
    route('get', '/repos/{owner}/{repo}/contents/{path}', async (call) => {
      const repository = context.repository(call);
      const path = call.params['path']!.replace(/\/$/, '');
      const ref = call.query.get('ref') ?? repository.defaultBranch;
      const sha = await repository.git.resolve(ref);
      if (sha === undefined) throw new ApiError(404, `No commit found for the ref ${ref}`);
      const entry = path === '' ? undefined : await repository.git.entry(sha, path);
      if (entry === undefined && path !== '') throw notFound();
      if (entry !== undefined && entry.type !== 'tree')
        return reply(200, await contentShape(api, repository, entry, ref));
      return reply(200, folderShape(api, repository, await repository.git.folder(sha, path), ref));
    }),
    route('put', '/repos/{owner}/{repo}/contents/{path}', async (call) => {
      const repository = context.repository(call, 'write');
      const viewer = context.viewer(call);
      const path = call.params['path']!;
      const branch = optionalTextOf(call, 'branch') ?? repository.defaultBranch;
      const head = await repository.git.head(branch);
      if (head === undefined) throw new ApiError(404, `Branch ${branch} not found`);
      const before = await repository.git.entry(head, path);
      const known = optionalTextOf(call, 'sha');
      if (before !== undefined && known === undefined)
        throw invalid('File', 'sha', '"sha" wasn\'t supplied.');
      if (known !== undefined && before?.sha !== known) {
        throw new ApiError(409, `${path} does not match ${known}`);
      }
      const content = Buffer.from(textOf(call, 'content'), 'base64').toString();
      const sha = await repository.commitFiles(viewer, [head], { [path]: content }, textOf(call, 'message'));
      await repository.moveBranch(viewer, branch, sha, false);
      const body: Schemas['file-commit'] = {
        content: await describeFile(sha),
        commit: gitCommitShape(api, repository, await repository.git.commit(sha)),
      };
      return before === undefined ? reply(201, body) : reply(200, body);

      async function describeFile(commit: string): Promise<Schemas['file-commit']['content']> {
        const entry = (await repository.git.entry(commit, path))!;
        const {
          name,
          path: at,
          sha,
          size,
          type,
        } = (await contentShape(api, repository, entry, branch)) as Schemas['content-file'];
        return { name, path: at, sha, size, type };
      }
    }),
  ];
}
