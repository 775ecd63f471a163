import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { samplePostmortem, sampleRequest, SETTINGS, TARGET } from '../testing/pages.js';
import { git } from '@aegis/client/config';
import { LocalForge } from './local.js';

const BRANCH = 'aegis/tuning/7c4f2a90b1d3e586-shop-orders-timing';
const PATH = 'orders.yaml';
const ADA = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((role) => [
    [`GIT_${role}_NAME`, 'ada'],
    [`GIT_${role}_EMAIL`, 'ada@shop.example'],
  ]),
);

let folder: string;
let dir: string;
let forge: LocalForge;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-local-forge-'));
  dir = join(folder, 'config.git');
  await git(dir, ['init', '--bare', '--quiet', '--initial-branch', 'main', dir]);
  await commit('main', { [PATH]: SETTINGS, 'other.txt': 'x\n' });
  forge = new LocalForge({ dir, base: 'main', path: PATH });
});
afterEach(() => rmSync(folder, { recursive: true }));

const head = async (branch: string) =>
  (
    await git(dir, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`], { accept: [1, 128] })
  )?.trim();
const show = (at: string) => git(dir, ['cat-file', 'blob', at], { accept: [128] });

/** What a person commits onto a branch and pushes. */
async function commit(branch: string, files: Record<string, string>): Promise<void> {
  const env = { GIT_INDEX_FILE: join(folder, 'index'), ...ADA };
  const parent = await head(branch);
  await git(dir, parent === undefined ? ['read-tree', '--empty'] : ['read-tree', parent], { env });
  for (const [path, content] of Object.entries(files)) {
    const blob = (await git(dir, ['hash-object', '-w', '--stdin'], { input: content }))!.trim();
    await git(dir, ['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`], { env });
  }
  const tree = (await git(dir, ['write-tree'], { env }))!.trim();
  const parents = parent === undefined ? [] : ['-p', parent];
  const sha = await git(dir, ['commit-tree', tree, ...parents, '-m', 'By hand'], { env });
  await git(dir, ['update-ref', `refs/heads/${branch}`, sha!.trim()]);
}

/** `git merge` and `git push` by a person. */
async function merge(branch: string): Promise<string> {
  const tree = (await git(dir, [
    'merge-tree',
    '--write-tree',
    'refs/heads/main',
    `refs/heads/${branch}`,
  ]))!.trim();
  const parents = ['-p', (await head('main'))!, '-p', (await head(branch))!];
  const sha = (await git(dir, ['commit-tree', tree, ...parents, '-m', 'Merge'], { env: ADA }))!.trim();
  await git(dir, ['update-ref', 'refs/heads/main', sha]);
  return sha;
}

describe('a proposal on this machine', () => {
  test('is a branch with the edited settings and a Markdown file; again, it is nothing', async () => {
    await forge.check();
    const main = await head('main');
    const published = await forge.publish(sampleRequest());
    expect(published).toMatchObject({
      did: 'opened',
      state: 'Open',
      branch: BRANCH,
      takenOver: false,
      conflicts: false,
    });
    expect(await show(`${BRANCH}:${PATH}`)).toBe(SETTINGS.replace('1000', '1200'));
    expect(await show(`${BRANCH}:other.txt`)).toBe('x\n');
    expect(await show(`${BRANCH}:proposals/7c4f2a90b1d3e586-shop-orders-timing.md`)).toContain(
      '# Tune timing',
    );
    expect(await forge.publish(sampleRequest())).toMatchObject({ did: 'nothing', head: published.head });
    expect(await head('main')).toBe(main);
  });

  test('is moved on in place when it says something else, or the base went on', async () => {
    await forge.publish(sampleRequest());
    expect(await forge.publish(sampleRequest({ pauseMaxUs: 1_035_000 }))).toMatchObject({ did: 'updated' });
    expect(await show(`${BRANCH}:${PATH}`)).toContain('electionTimeoutMs: 1300');
    await commit('main', { 'other.txt': 'y\n' });
    expect(await forge.publish(sampleRequest({ pauseMaxUs: 1_035_000 }))).toMatchObject({ did: 'updated' });
    expect(await show(`${BRANCH}:other.txt`)).toBe('y\n');
    expect((await git(dir, ['rev-list', '--count', `main..${BRANCH}`]))!.trim()).toBe('1');
  });

  test('is merged by whoever merges it, and known as that', async () => {
    await forge.publish(sampleRequest());
    const sha = await merge(BRANCH);
    await commit('main', { 'other.txt': 'later\n' });
    expect(await forge.stateOf(TARGET, 'timing')).toMatchObject({
      state: 'Merged',
      commit: sha,
      mergedBy: 'ada',
    });
    await expect(forge.publish(sampleRequest())).rejects.toThrow(/says already/);
    expect(await forge.withdraw(TARGET, 'timing')).toMatchObject({ state: 'Merged' });
  });

  test('is known as merged when it was pushed straight onto the base', async () => {
    const { head: at } = await forge.publish(sampleRequest());
    await git(dir, ['update-ref', 'refs/heads/main', at]);
    expect(await forge.stateOf(TARGET, 'timing')).toMatchObject({ state: 'Merged', commit: at });
  });

  test('is left to whoever took it over', async () => {
    await forge.publish(sampleRequest());
    await commit(BRANCH, { [PATH]: SETTINGS.replace('1000', '1111') });
    const theirs = await head(BRANCH);
    expect(await forge.publish(sampleRequest({ pauseMaxUs: 1_035_000 }))).toMatchObject({
      did: 'left-to-its-human',
      takenOver: true,
    });
    expect(await forge.withdraw(TARGET, 'timing')).toMatchObject({ state: 'Open' });
    expect(await head(BRANCH)).toBe(theirs);
  });

  test('says when it cannot be merged, and is made anew on the new base', async () => {
    await forge.publish(sampleRequest());
    await commit('main', { [PATH]: SETTINGS.replace('1000', '1100') });
    expect(await forge.stateOf(TARGET, 'timing')).toMatchObject({ state: 'Open', conflicts: true });
    expect(await forge.publish(sampleRequest())).toMatchObject({ did: 'updated', conflicts: false });
  });

  test('is withdrawn, and then there is none', async () => {
    await forge.publish(sampleRequest());
    expect(await forge.withdraw(TARGET, 'timing')).toMatchObject({ state: 'Closed' });
    expect(await head(BRANCH)).toBeUndefined();
    expect(await forge.stateOf(TARGET, 'timing')).toBeUndefined();
    expect(await forge.withdraw(TARGET, 'timing')).toBeUndefined();
  });

  test.each([
    ['a file that moved', { [PATH]: 'kind: Other\n' }, /no document/],
    ['a file that is no YAML', { [PATH]: 'a: [\n' }, /not valid YAML/],
  ])('%s is refused, and nothing is written', async (_, files, message) => {
    await commit('main', files);
    await expect(forge.publish(sampleRequest())).rejects.toThrow(message);
    expect(await head(BRANCH)).toBeUndefined();
  });

  test('a path that is not there is refused', async () => {
    const elsewhere = new LocalForge({ dir, base: 'main', path: 'moved.yaml' });
    await expect(elsewhere.publish(sampleRequest())).rejects.toThrow(/not on main/);
    await expect(new LocalForge({ dir, base: 'trunk', path: PATH }).check()).rejects.toThrow(
      /no branch trunk/,
    );
  });
});

describe('a postmortem on this machine', () => {
  test('is one file, that is written again when something came of it', async () => {
    const open = samplePostmortem([{ what: 'x', phase: 'PullRequestOpen' }]);
    expect(await forge.postmortem(open)).toMatchObject({ did: 'opened' });
    expect(await forge.postmortem(open)).toMatchObject({ did: 'nothing' });
    expect(await forge.postmortem(samplePostmortem([{ what: 'x', phase: 'Applied' }]))).toMatchObject({
      did: 'updated',
    });
    await forge.postmortem(samplePostmortem([], undefined, '../../../evil'));
    const files = (await git(dir, ['ls-tree', '-r', '--name-only', 'aegis/tuning/postmortems']))!
      .trim()
      .split('\n');
    expect(files).toHaveLength(2);
    for (const file of files) expect(file).toMatch(/^postmortems\/7c4f2a90b1d3e586-[0-9a-f]{12}\.md$/);
  });
});
