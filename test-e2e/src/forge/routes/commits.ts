import { ApiError, notFound, type Schemas } from '../http/api-types.js';
import { page, reply, route, type Call, type Route } from '../http/router.js';
import type { Pull } from '../model/pull.js';
import type { Repository } from '../model/repository.js';
import { commitShape, diffEntry } from '../shapes/commit.js';
import { simplePull } from '../shapes/pull.js';
import { repositoryUrl } from '../shapes/repository.js';
import type { Context } from './context.js';

export function commitRoutes(context: Context): Route[] {
  const { api, identities } = context;
  return [
    route('get', '/repos/{owner}/{repo}/commits', async (call) => {
      const repository = context.repository(call);
      const sha = await context.commit(repository, call.query.get('sha') ?? repository.defaultBranch);
      const path = call.query.get('path');
      const { body, headers } = page(call, await repository.git.log(sha, path === null ? {} : { path }));
      return reply(
        200,
        body.map((commit) => commitShape(api, repository, commit, identities)),
        headers,
      );
    }),
    route('get', '/repos/{owner}/{repo}/commits/{commit_sha}/pulls', async (call) => {
      const repository = context.repository(call);
      const sha = await context.commit(repository, call.params['commit_sha']!, 422);
      const { body, headers } = page(call, await pullsOf(repository, sha));
      return reply(
        200,
        body.map((pull) => simplePull(api, repository, pull)),
        headers,
      );
    }),
    route('get', '/repos/{owner}/{repo}/commits/{ref}', async (call) => {
      const repository = context.repository(call);
      const commit = await repository.git.commit(await context.commit(repository, call.params['ref']!, 422));
      const shape = commitShape(api, repository, commit, identities);
      const [parent] = commit.parents;
      const files = parent === undefined ? [] : await repository.git.diff(parent, commit.sha);
      const entries = files.map((file) => diffEntry(api, repository, commit.sha, file));
      return reply(200, { ...shape, files: entries });
    }),
    route('get', '/repos/{owner}/{repo}/compare/{basehead}', async (call) => {
      return reply(200, await comparison(call, context.repository(call)));
    }),
  ];

  async function comparison(call: Call, repository: Repository): Promise<Schemas['commit-comparison']> {
    const { git } = repository;
    const [from, to] = call.params['basehead']!.split('...');
    if (from === undefined || to === undefined) throw notFound();
    const [base, head] = [await context.commit(repository, from), await context.commit(repository, to)];
    const mergeBase = await git.mergeBase(base, head);
    if (mergeBase === undefined) throw new ApiError(404, `No common ancestor between ${from} and ${to}.`);
    const [ahead, behind] = [await git.count(head, base), await git.count(base, head)];
    const ways = ahead > 0 ? (behind > 0 ? 'diverged' : 'ahead') : behind > 0 ? 'behind' : 'identical';
    const { body: commits } = page(call, (await git.log(head, { not: base })).reverse());
    const files = await git.diff(mergeBase, head);
    const shape = async (sha: string) => commitShape(api, repository, await git.commit(sha), identities);
    const url = `${repositoryUrl(api, repository)}/compare/${from}...${to}`;
    const web = `https://github.com/${repository.fullName}/compare/${from}...${to}`;
    return {
      url,
      html_url: web,
      permalink_url: web,
      diff_url: `${web}.diff`,
      patch_url: `${web}.patch`,
      base_commit: await shape(base),
      merge_base_commit: await shape(mergeBase),
      status: ways,
      ahead_by: ahead,
      behind_by: behind,
      total_commits: ahead,
      commits: commits.map((commit) => commitShape(api, repository, commit, identities)),
      files: files.map((file) => diffEntry(api, repository, head, file)),
    };
  }
}

/** The merged request that brought a commit to the default branch; for one that is elsewhere, the open ones, too. */
async function pullsOf(repository: Repository, sha: string): Promise<Pull[]> {
  const { git } = repository;
  const mainHead = await git.head(repository.defaultBranch);
  const onMain = mainHead !== undefined && (await git.isAncestor(sha, mainHead));
  const found: Pull[] = [];
  for (const pull of repository.pulls.values()) {
    if (pull.merged === null ? onMain || pull.state === 'closed' : false) continue;
    const { merged, headSha, baseSha } = pull;
    const own = merged?.commits.includes(sha) ?? false;
    const inside = (await git.isAncestor(sha, headSha)) && !(await git.isAncestor(sha, baseSha));
    if (own || inside) found.push(pull);
  }
  return found;
}
