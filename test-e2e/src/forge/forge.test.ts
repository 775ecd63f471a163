import { Octokit } from '@octokit/rest';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startForge, type Forge, type Identity, type Repository } from './index.js';

const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let forge: Forge;
let ada: Identity;
let bob: Identity;
let agent: Identity;
let bot: Identity;
let count = 0;

beforeAll(async () => {
  forge = await startForge();
  ada = forge.identities.user('ada');
  bob = forge.identities.user('bob');
  agent = forge.identities.user('tuner');
  bot = forge.identities.app('merge-queue');
});
afterAll(() => forge.close());

function as(identity?: Identity): Octokit {
  return new Octokit({ baseUrl: forge.url, log: QUIET, ...(identity && { auth: identity.token }) });
}

/** A repository with one file, and where it is for octokit. */
async function repositoryOf(owner: Identity, options: { private?: boolean } = {}) {
  const repository = await forge.repositories.create(owner, `config-${++count}`, options);
  await repository.push(owner, 'main', { 'settings.yaml': 'a: 1\n', 'docs/read.md': 'Read.\n' }, 'Begin');
  return { repository, at: { owner: owner.login, repo: repository.name } };
}

/** A request from a branch of the repository itself. */
async function requestOf(repository: Repository, author: Identity, content: string, branch = 'change') {
  const at = { owner: repository.owner.login, repo: repository.name };
  await repository.git.setRef(`refs/heads/${branch}`, (await repository.git.head('main'))!);
  await repository.push(author, branch, { 'settings.yaml': content }, 'Change a setting');
  return (await as(author).pulls.create({ ...at, title: 'Change', head: branch, base: 'main' })).data;
}

async function statusOf(request: Promise<unknown>): Promise<number> {
  return request.then(
    () => 0,
    (error: { status: number }) => error.status,
  );
}

describe('git over the API', () => {
  test('a file is read, changed by its id, and a stale id is refused', async () => {
    const { at } = await repositoryOf(ada);
    const file = { ...at, path: 'settings.yaml' };
    const { data } = await as(ada).repos.getContent(file);
    if (Array.isArray(data) || data.type !== 'file') throw new Error('not a file');
    expect(Buffer.from(data.content, 'base64').toString()).toBe('a: 1\n');
    const change = {
      ...file,
      message: 'Change',
      content: Buffer.from('a: 2\n').toString('base64'),
      sha: data.sha,
    };
    const { data: changed } = await as(ada).repos.createOrUpdateFileContents(change);
    expect(changed.commit.parents).toHaveLength(1);
    expect(await statusOf(as(ada).repos.createOrUpdateFileContents(change))).toBe(409);
    expect(await statusOf(as(bob).repos.createOrUpdateFileContents(change))).toBe(403);
    expect((await as().repos.getContent({ ...at, path: 'docs' })).data).toHaveLength(1);
  });

  test('commits out of blobs and trees move a branch; a rewrite needs force', async () => {
    const { at, repository } = await repositoryOf(ada);
    const octokit = as(ada);
    const { data: ref } = await octokit.git.getRef({ ...at, ref: 'heads/main' });
    const { data: base } = await octokit.git.getCommit({ ...at, commit_sha: ref.object.sha });
    const tree = [
      { path: 'settings.yaml', mode: '100644' as const, type: 'blob' as const, content: 'a: 3\n' },
    ];
    const { data: made } = await octokit.git.createTree({ ...at, base_tree: base.tree.sha, tree });
    const { data: commit } = await octokit.git.createCommit({
      ...at,
      message: 'Three',
      tree: made.sha,
      parents: [base.sha],
    });
    await octokit.git.createRef({ ...at, ref: 'refs/heads/three', sha: commit.sha });
    expect(await statusOf(octokit.git.createRef({ ...at, ref: 'refs/heads/..', sha: commit.sha }))).toBe(422);
    await octokit.git.updateRef({ ...at, ref: 'heads/main', sha: commit.sha });
    expect(await statusOf(octokit.git.updateRef({ ...at, ref: 'heads/main', sha: base.sha }))).toBe(422);
    await octokit.git.updateRef({ ...at, ref: 'heads/main', sha: base.sha, force: true });
    expect(await repository.git.head('main')).toBe(base.sha);
    await octokit.git.deleteRef({ ...at, ref: 'heads/three' });
    expect((await octokit.repos.listBranches(at)).data.map(({ name }) => name)).toEqual(['main']);
  });

  test('histories are paged, compared, and say who made them', async () => {
    const { at, repository } = await repositoryOf(ada);
    const first = (await repository.git.head('main'))!;
    for (let i = 0; i < 5; i++) await repository.push(bob, 'main', { 'settings.yaml': `a: ${i + 10}\n` });
    const all = await as().paginate('GET /repos/{owner}/{repo}/commits', { ...at, per_page: 4 });
    expect(all).toHaveLength(6);
    expect((await as().repos.listCommits({ ...at, per_page: 4, page: 2 })).data).toHaveLength(2);
    const { data } = await as().repos.compareCommitsWithBasehead({ ...at, basehead: `${first}...main` });
    expect({
      ...data,
      commits: data.commits.length,
      files: data.files?.map(({ filename }) => filename),
    }).toMatchObject({
      status: 'ahead',
      ahead_by: 5,
      behind_by: 0,
      commits: 5,
      files: ['settings.yaml'],
    });
    expect(data.commits[0]?.author).toMatchObject({ login: 'bob', type: 'User' });
    const back = await as().repos.compareCommitsWithBasehead({ ...at, basehead: `main...${first}` });
    expect(back.data.status).toBe('behind');
  });
});

describe('pull requests', () => {
  test.each(['merge', 'squash', 'rebase'] as const)(
    '%s is done by git, and known by its commit',
    async (method) => {
      const { at, repository } = await repositoryOf(ada);
      repository.roles.set('bob', 'write');
      const before = (await repository.git.head('main'))!;
      const pull = await requestOf(repository, bob, 'a: 2\n');
      await repository.push(bob, 'change', { 'docs/read.md': 'Read it.\n' }, 'And another');
      await repository.push(ada, 'main', { 'other.txt': 'Other.\n' }, 'Move on');
      const place = { ...at, pull_number: pull.number };
      const { data: result } = await as(ada).pulls.merge({ ...place, merge_method: method });
      const head = (await repository.git.head('main'))!;
      expect(result).toMatchObject({ merged: true, sha: head });
      const commit = await repository.git.commit(head);
      expect(commit.parents).toHaveLength(method === 'merge' ? 2 : 1);
      expect(await repository.git.count(head, before)).toBe({ merge: 4, squash: 2, rebase: 3 }[method]);
      expect(await repository.git.entry(head, 'other.txt')).toBeDefined();
      const { data: merged } = await as().pulls.get(place);
      expect(merged).toMatchObject({
        merged: true,
        merged_by: { login: 'ada' },
        merge_commit_sha: head,
        commits: 2,
      });
      const { data: of } = await as().repos.listPullRequestsAssociatedWithCommit({ ...at, commit_sha: head });
      expect(of.map(({ number }) => number)).toEqual([pull.number]);
      expect(await statusOf(as(ada).pulls.merge(place))).toBe(405);
    },
  );

  test('conflicts, moved heads and missing rights are refused', async () => {
    const { at, repository } = await repositoryOf(ada);
    const { number } = await requestOf(repository, bob, 'a: 2\n');
    const place = { ...at, pull_number: number };
    expect(await statusOf(as(bob).pulls.merge(place))).toBe(403);
    expect(await statusOf(as(ada).pulls.merge({ ...place, sha: '0'.repeat(40) }))).toBe(409);
    await repository.push(ada, 'main', { 'settings.yaml': 'a: 9\n' });
    expect(await statusOf(as(ada).pulls.merge(place))).toBe(405);
  });

  test('a request comes from a fork, is updated in place, found by its head, and closed', async () => {
    const { at } = await repositoryOf(ada);
    const octokit = as(agent);
    const { data: fork } = await octokit.repos.createFork(at);
    expect(fork).toMatchObject({
      fork: true,
      parent: { full_name: `ada/${at.repo}` },
      permissions: { admin: true },
    });
    const { data: ref } = await octokit.git.getRef({ owner: 'tuner', repo: at.repo, ref: 'heads/main' });
    await octokit.git.createRef({
      owner: 'tuner',
      repo: at.repo,
      ref: 'refs/heads/aegis/x',
      sha: ref.object.sha,
    });
    const change = { owner: 'tuner', repo: at.repo, path: 'settings.yaml', branch: 'aegis/x' };
    const { data: file } = await octokit.repos.getContent({ ...change, ref: 'aegis/x' });
    const sha = (file as { sha: string }).sha;
    const content = Buffer.from('a: 5\n').toString('base64');
    await octokit.repos.createOrUpdateFileContents({ ...change, message: 'Five', content, sha });
    const { data: pull } = await octokit.pulls.create({
      ...at,
      title: 'Five',
      head: 'tuner:aegis/x',
      base: 'main',
    });
    expect(
      await statusOf(octokit.pulls.create({ ...at, title: 'Five', head: 'tuner:aegis/x', base: 'main' })),
    ).toBe(422);
    await octokit.pulls.update({ ...at, pull_number: pull.number, title: 'Five, not one' });
    const { data: found } = await octokit.pulls.list({ ...at, head: 'tuner:aegis/x' });
    expect(found.map(({ title }) => title)).toEqual(['Five, not one']);
    expect(await statusOf(octokit.pulls.merge({ ...at, pull_number: pull.number }))).toBe(403);
    await octokit.pulls.update({ ...at, pull_number: pull.number, state: 'closed' });
    expect((await octokit.pulls.list({ ...at, head: 'tuner:aegis/x' })).data).toEqual([]);
  });

  test('a pushed head merges its request, by whom pushed', async () => {
    const { at, repository } = await repositoryOf(ada);
    const pull = await requestOf(repository, bob, 'a: 2\n');
    await repository.setBranch(ada, 'main', pull.head.sha);
    const { data } = await as().pulls.get({ ...at, pull_number: pull.number });
    expect(data).toMatchObject({ merged: true, merged_by: { login: 'ada' } });
  });

  test('reviews name the head that was looked at; nobody approves their own', async () => {
    const { at, repository } = await repositoryOf(ada);
    const { number, head } = await requestOf(repository, bob, 'a: 2\n');
    const place = { ...at, pull_number: number };
    expect(await statusOf(as(bob).pulls.createReview({ ...place, event: 'APPROVE' }))).toBe(422);
    const { data: review } = await as(ada).pulls.createReview({ ...place, event: 'APPROVE' });
    await as(ada).pulls.dismissReview({ ...place, review_id: review.id, message: 'No.' });
    const { data: reviews } = await as().pulls.listReviews(place);
    expect(reviews).toMatchObject([{ state: 'DISMISSED', commit_id: head.sha, user: { login: 'ada' } }]);
  });
});

describe('identities and rules', () => {
  test('a token says who asks; an installation is nobody as a user', async () => {
    expect((await as(ada).users.getAuthenticated()).data).toMatchObject({ login: 'ada', type: 'User' });
    expect(await statusOf(as(bot).users.getAuthenticated())).toBe(403);
    expect(await statusOf(as().users.getAuthenticated())).toBe(401);
    expect(
      await statusOf(
        new Octokit({ baseUrl: forge.url, auth: 'ghp_x', log: QUIET }).repos.get({ owner: 'a', repo: 'b' }),
      ),
    ).toBe(401);
    expect((await as().users.getByUsername({ username: 'merge-queue[bot]' })).data.type).toBe('Bot');
  });

  test('a private repository is not there for others', async () => {
    const { at, repository } = await repositoryOf(ada, { private: true });
    expect(await statusOf(as(bob).repos.get(at))).toBe(404);
    repository.roles.set('bob', 'maintain');
    expect((await as(bob).repos.get(at)).data.permissions).toMatchObject({ push: true, admin: false });
    const { data } = await as(ada).repos.getCollaboratorPermissionLevel({ ...at, username: 'bob' });
    expect(data).toMatchObject({ permission: 'write', role_name: 'maintain' });
  });

  test('rulesets bind pushes and merges, except who may bypass them, and everybody sees their own bypass', async () => {
    const { at, repository } = await repositoryOf(ada);
    repository.roles.set('bob', 'write');
    repository.roles.set(bot.login, 'write');
    const { data: ruleset } = await as(ada).repos.createRepoRuleset({
      ...at,
      name: 'main',
      enforcement: 'active',
      conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
      bypass_actors: [{ actor_id: bot.app!.id, actor_type: 'Integration', bypass_mode: 'always' }],
      rules: [
        {
          type: 'pull_request',
          parameters: {
            dismiss_stale_reviews_on_push: true,
            require_code_owner_review: false,
            require_last_push_approval: false,
            required_approving_review_count: 1,
            required_review_thread_resolution: false,
          },
        },
      ],
    });
    const rules = await as(bob).repos.getBranchRules({ ...at, branch: 'main' });
    expect(rules.data).toMatchObject([{ type: 'pull_request', ruleset_id: ruleset.id }]);
    expect((await as(bob).repos.getRepoRulesets(at)).data).toHaveLength(1);
    const seenBy = async (identity: Identity) => {
      return (await as(identity).repos.getRepoRuleset({ ...at, ruleset_id: ruleset.id })).data
        .current_user_can_bypass;
    };
    expect([await seenBy(bob), await seenBy(bot)]).toEqual(['never', 'always']);
    const { data: ref } = await as(bob).git.getRef({ ...at, ref: 'heads/main' });
    const next = await repository.commitFiles(
      bob,
      [ref.object.sha],
      { 'settings.yaml': 'a: 4\n' },
      'Straight',
    );
    expect(await statusOf(as(bob).git.updateRef({ ...at, ref: 'heads/main', sha: next }))).toBe(409);
    const { number } = await requestOf(repository, bob, 'a: 2\n');
    const place = { ...at, pull_number: number };
    expect(await statusOf(as(bob).pulls.merge(place))).toBe(405);
    await as(ada).pulls.createReview({ ...place, event: 'APPROVE' });
    expect((await as(bob).pulls.merge(place)).data.merged).toBe(true);
    const { data: now } = await as(bot).git.getRef({ ...at, ref: 'heads/main' });
    const free = await repository.commitFiles(bot, [now.object.sha], { 'settings.yaml': 'a: 7\n' }, 'Bypass');
    await as(bot).git.updateRef({ ...at, ref: 'heads/main', sha: free });
  });

  test('issues are opened, labelled by who may, found and closed', async () => {
    const { at } = await repositoryOf(ada);
    const { data: issue } = await as(ada).issues.create({
      ...at,
      title: 'Postmortem',
      body: 'What was',
      labels: ['aegis'],
    });
    expect((await as(bob).issues.create({ ...at, title: 'Mine', labels: ['aegis'] })).data.labels).toEqual(
      [],
    );
    expect(
      (await as().issues.listForRepo({ ...at, labels: 'aegis' })).data.map(({ title }) => title),
    ).toEqual(['Postmortem']);
    const place = { ...at, issue_number: issue.number };
    await as(ada).issues.createComment({ ...place, body: 'Done.' });
    expect((await as().issues.listComments(place)).data).toMatchObject([
      { body: 'Done.', user: { login: 'ada' } },
    ]);
    expect(await statusOf(as(bob).issues.update({ ...place, state: 'closed' }))).toBe(403);
    expect((await as(ada).issues.update({ ...place, state: 'closed' })).data).toMatchObject({
      state: 'closed',
      comments: 1,
    });
  });
});

describe('manners and faults', () => {
  test('an unchanged answer is a 304 and costs nothing of the hour', async () => {
    const { at } = await repositoryOf(ada);
    const first = await as(ada).git.getRef({ ...at, ref: 'heads/main' });
    const headers = { 'if-none-match': first.headers.etag! };
    const left = Number(first.headers['x-ratelimit-remaining']);
    const error = await as(ada)
      .git.getRef({ ...at, ref: 'heads/main', headers })
      .catch((error: unknown) => error);
    expect(error).toMatchObject({ status: 304 });
    const next = await as(ada).git.getRef({ ...at, ref: 'heads/main' });
    expect(Number(next.headers['x-ratelimit-remaining'])).toBe(left - 1);
  });

  test('what is ordered goes wrong, so many times and there alone', async () => {
    const { at } = await repositoryOf(ada);
    const { faults } = forge.server;
    const get = () => as(ada).repos.get(at);
    faults.add({ kind: 'retry-after', status: 429, seconds: 7 }, { times: 1, path: /^\/repos\/ada/ });
    const error = await get().catch((error: unknown) => error);
    expect(error).toMatchObject({ status: 429, response: { headers: { 'retry-after': '7' } } });
    faults.add({ kind: 'rate-limit', resetSeconds: 60 }, { times: 1 });
    expect(await get().catch((error: unknown) => error)).toMatchObject({
      status: 403,
      response: { headers: { 'x-ratelimit-remaining': '0' } },
    });
    faults.add({ kind: 'status', status: 502 }, { times: 1 });
    expect(await statusOf(get())).toBe(502);
    faults.add({ kind: 'reset' }, { times: 1 });
    expect(await statusOf(get())).toBe(500);
    faults.add({ kind: 'altered', alter: () => ({ name: 5 }) }, { times: 1 });
    expect((await get()).data).toEqual({ name: 5 });
    expect((await get()).data.name).toBe(at.repo);
  });

  test('a renamed repository leads to its new place', async () => {
    const { at, repository } = await repositoryOf(ada);
    repository.movedTo = 'ada/elsewhere';
    const answer = await fetch(`${forge.url}/repos/ada/${at.repo}`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      301,
      `${forge.url}/repositories/${repository.id}`,
    ]);
  });
});
