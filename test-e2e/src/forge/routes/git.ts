import { ApiError, invalid, notFound } from '../http/api-types.js';
import { reply, route, textOf, type Route } from '../http/router.js';
import { signatureOf } from '../model/identity.js';
import { gitCommitShape, refShape } from '../shapes/commit.js';
import { repositoryUrl } from '../shapes/repository.js';
import type { Context } from './context.js';

const SHA = /^[0-9a-f]{40}$/;
const BRANCH_REF = /^refs\/heads\/(?!.*(?:\.\.|@\{|\/\/|\.lock(?:\/|$)))[A-Za-z0-9_][A-Za-z0-9._/-]*$/;

/** Refs and the objects that new commits are made of. */
export function gitRoutes(context: Context): Route[] {
  const { api } = context;
  return [
    route('get', '/repos/{owner}/{repo}/git/ref/{ref}', async (call) => {
      const repository = context.repository(call);
      const ref = `refs/${call.params['ref']!}`;
      const sha = await repository.git.resolve(ref);
      if (sha === undefined) throw notFound();
      return reply(200, refShape(api, repository, ref, sha));
    }),
    route('post', '/repos/{owner}/{repo}/git/refs', async (call) => {
      const repository = context.repository(call, 'write');
      const ref = textOf(call, 'ref');
      const sha = textOf(call, 'sha');
      if (!BRANCH_REF.test(ref)) throw invalid('Reference', 'ref', `${ref} is not a valid ref name.`);
      if ((await repository.git.resolve(sha)) === undefined) throw new ApiError(422, 'Object does not exist');
      if ((await repository.git.resolve(ref)) !== undefined)
        throw new ApiError(422, 'Reference already exists');
      await repository.git.setRef(ref, sha, null);
      return reply(201, refShape(api, repository, ref, sha));
    }),
    route('patch', '/repos/{owner}/{repo}/git/refs/{ref}', async (call) => {
      const repository = context.repository(call, 'write');
      const ref = call.params['ref']!;
      const sha = textOf(call, 'sha');
      if (!ref.startsWith('heads/') || (await repository.git.resolve(`refs/${ref}`)) === undefined) {
        throw new ApiError(422, 'Reference does not exist');
      }
      if ((await repository.git.resolve(sha)) === undefined) throw new ApiError(422, 'Object does not exist');
      const force = call.body['force'] === true;
      await repository.moveBranch(context.viewer(call), ref.slice('heads/'.length), sha, force);
      return reply(200, refShape(api, repository, `refs/${ref}`, sha));
    }),
    route('delete', '/repos/{owner}/{repo}/git/refs/{ref}', async (call) => {
      const repository = context.repository(call, 'write');
      const ref = `refs/${call.params['ref']!}`;
      if ((await repository.git.resolve(ref)) === undefined)
        throw new ApiError(422, 'Reference does not exist');
      await repository.git.deleteRef(ref);
      return reply(204, undefined);
    }),
    route('get', '/repos/{owner}/{repo}/git/commits/{commit_sha}', async (call) => {
      const repository = context.repository(call);
      const sha = await context.commit(repository, call.params['commit_sha']!);
      return reply(200, gitCommitShape(api, repository, await repository.git.commit(sha)));
    }),
    route('post', '/repos/{owner}/{repo}/git/blobs', async (call) => {
      const repository = context.repository(call, 'write');
      const encoding = call.body['encoding'] === 'base64' ? 'base64' : 'utf8';
      const sha = await repository.git.writeBlob(Buffer.from(textOf(call, 'content'), encoding));
      return reply(201, { sha, url: `${repositoryUrl(api, repository)}/git/blobs/${sha}` });
    }),
    route('post', '/repos/{owner}/{repo}/git/trees', async (call) => {
      const repository = context.repository(call, 'write');
      const base = typeof call.body['base_tree'] === 'string' ? call.body['base_tree'] : undefined;
      const files = new Map<string, { mode: string; sha: string } | null>();
      for (const item of Array.isArray(call.body['tree']) ? (call.body['tree'] as unknown[]) : []) {
        const { path, mode, sha, content } = item as Record<string, unknown>;
        if (typeof path !== 'string' || path === '')
          throw invalid('Tree', 'tree', 'tree.path must be a text');
        if (sha === null) files.set(path, null);
        else {
          const blob = typeof content === 'string' ? await repository.git.writeBlob(content) : sha;
          if (typeof blob !== 'string' || !SHA.test(blob))
            throw invalid('Tree', 'tree', 'tree.sha is not a valid id');
          files.set(path, { mode: mode === '100755' ? '100755' : '100644', sha: blob });
        }
      }
      const sha = await repository.git.writeTree(base, files);
      const url = `${repositoryUrl(api, repository)}/git/trees/${sha}`;
      return reply(201, { sha, url, truncated: false, tree: [] });
    }),
    route('post', '/repos/{owner}/{repo}/git/commits', async (call) => {
      const repository = context.repository(call, 'write');
      const parents = Array.isArray(call.body['parents']) ? call.body['parents'].map(String) : [];
      const [tree, message] = [textOf(call, 'tree'), textOf(call, 'message')];
      if (![tree, ...parents].every((sha) => SHA.test(sha)))
        throw invalid('Commit', 'tree', 'not a valid id');
      const author = signatureOf(context.viewer(call), repository.clock.next());
      const sha = await repository.git.writeCommit({ tree, parents, message, author, committer: author });
      return reply(201, gitCommitShape(api, repository, await repository.git.commit(sha)));
    }),
  ];
}
