import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BareRepository } from './repository.js';

let folder: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-git-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fresh = (): Promise<BareRepository> => BareRepository.create(join(folder, `${++count}.git`), 'main');

/** What git itself says. */
function git({ dir }: BareRepository, ...args: string[]): string {
  return execFileSync('git', ['--git-dir', dir, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

async function commitOf(
  repository: BareRepository,
  parents: readonly string[],
  files: Readonly<Record<string, string | null>>,
): Promise<string> {
  const entries = new Map<string, { mode: string; sha: string } | null>();
  for (const [path, text] of Object.entries(files)) {
    const file = text === null ? null : { mode: '100644', sha: await repository.writeBlob(text) };
    entries.set(path, file);
  }
  const tree = await repository.writeTree(parents[0], entries);
  const date = new Date(Date.parse('2026-03-04T12:00:00Z') + ++count * 60_000).toISOString();
  const author = { name: 'Ada <Countess>', email: 'ada@shop.example', date };
  return repository.writeCommit({ tree, parents, author, committer: author, message: `Number ${count}\n` });
}

/** One step of a history: which earlier commits it builds on, and what it does to which file. */
interface Step {
  readonly parents: readonly number[];
  readonly path: string;
  readonly text: string | null;
}
const step: fc.Arbitrary<Step> = fc.record({
  parents: fc.uniqueArray(fc.nat({ max: 20 }), { minLength: 1, maxLength: 2 }),
  path: fc.constantFrom('a', 'a.b', 'a/x', 'b/c/d', 'b/c.d', 'ä ö', 'z'),
  text: fc.option(fc.string({ maxLength: 5 })),
});

async function historyOf(repository: BareRepository, steps: readonly Step[]) {
  const made = [await commitOf(repository, [], { z: 'first' })];
  for (const { parents, path, text } of steps) {
    const on = [...new Set(parents.map((at) => made[at % made.length]!))];
    // A file and a folder of one name cannot be in one tree.
    const clash = path === 'a' ? { 'a/x': null } : path === 'a/x' ? { a: null } : {};
    made.push(await commitOf(repository, on, { ...clash, [path]: text }));
  }
  for (const [at, sha] of made.entries()) await repository.setRef(`refs/heads/at/${at}`, sha, null);
  return made;
}

describe('git agrees', () => {
  test('with what was written, and with who descends from whom', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), fc.nat(), fc.nat(), async (steps, one, other) => {
        const repository = await fresh();
        const made = await historyOf(repository, steps);
        expect(git(repository, 'fsck', '--strict', '--full', '--no-dangling')).toBe('');
        const [a, b] = [made[one % made.length]!, made[other % made.length]!];
        const between = lines(git(repository, 'rev-list', a, `^${b}`));
        expect((await repository.log(a, { not: b })).map(({ sha }) => sha)).toEqual(between);
        expect(await repository.count(a, b)).toBe(between.length);
        const common = lines(git(repository, 'merge-base', '--all', a, b));
        expect(await repository.isAncestor(a, b)).toBe(common.includes(a));
        expect(common).toContain(await repository.mergeBase(a, b));
        const files = (await filesOf(repository, a)).map(({ mode, type, sha, size, path }) => {
          return `${mode} ${type} ${sha} ${String(size).padStart(7)}\t${path}`;
        });
        expect(files).toEqual(
          git(repository, 'ls-tree', '-r', '-l', '-z', a).split('\0').slice(0, files.length),
        );
        const show = '--format=%T%n%P%n%an%n%ae%n%at%n%s';
        const { tree, parents, author, message } = await repository.commit(a);
        expect(git(repository, 'show', '--no-patch', show, a).split('\n')).toEqual([
          tree,
          parents.join(' '),
          author.name,
          author.email,
          String(Date.parse(author.date) / 1000),
          message,
        ]);
      }),
      { numRuns: 12 },
    );
  });

  async function filesOf(repository: BareRepository, sha: string, path = '') {
    const found: Awaited<ReturnType<BareRepository['folder']>> = [];
    for (const entry of await repository.folder(sha, path)) {
      found.push(...(entry.type === 'tree' ? await filesOf(repository, sha, entry.path) : [entry]));
    }
    return found;
  }

  test('with a merge that is none: one commit is in the other', async () => {
    const repository = await fresh();
    const first = await commitOf(repository, [], { a: '1' });
    const next = await commitOf(repository, [first], { a: '2' });
    const tree = lines(git(repository, 'merge-tree', '--write-tree', first, next))[0];
    expect(await repository.mergeTree(first, next)).toBe(tree);
    expect(await repository.mergeTree(next, first)).toBe(tree);
    const other = await commitOf(repository, [first], { a: '3' });
    expect(await repository.mergeTree(next, other)).toBeUndefined();
  });
});

describe('refs', () => {
  test('are new, stand where they are expected, or do not move', async () => {
    const repository = await fresh();
    const first = await commitOf(repository, [], { a: '1' });
    const next = await commitOf(repository, [first], { a: '2' });
    await repository.setRef('refs/heads/main', first, null);
    await expect(repository.setRef('refs/heads/main', next, null)).rejects.toThrow(/stands at/);
    await expect(repository.setRef('refs/heads/main', first, next)).rejects.toThrow(/stands at/);
    await repository.setRef('refs/heads/main', next, first);
    expect(git(repository, 'rev-parse', 'HEAD')).toBe(next);
    for (const name of ['main', 'heads/main', 'refs/heads/main', next, next.slice(0, 8), 'HEAD']) {
      expect(await repository.resolve(name)).toBe(next);
    }
  });

  test('of commits only, and by names that git takes', async () => {
    const repository = await fresh();
    const sha = await commitOf(repository, [], { a: '1' });
    const { tree } = await repository.commit(sha);
    await expect(repository.setRef('refs/heads/x', tree)).rejects.toThrow(/is a tree/);
    await expect(repository.setRef('refs/heads/x', '0'.repeat(40))).rejects.toThrow(/no object/);
    for (const name of ['../../HEAD', '.x', 'x..y', 'x.lock', 'x y', 'a//b', '', 'x\ny']) {
      await expect(repository.setRef(`refs/heads/${name}`, sha)).rejects.toThrow(/is no ref/);
      expect(await repository.head(name)).toBeUndefined();
    }
  });

  test('a name is free again for a folder, or for a branch, when what bore it is gone', async () => {
    const repository = await fresh();
    const sha = await commitOf(repository, [], { a: '1' });
    await repository.setRef('refs/heads/a/b/c', sha);
    await expect(repository.setRef('refs/heads/a', sha)).rejects.toThrow();
    await repository.deleteRef('refs/heads/a/b/c');
    await expect(repository.deleteRef('refs/heads/a/b/c')).rejects.toThrow(/there is no/);
    await repository.setRef('refs/heads/a', sha);
    expect(await repository.branches()).toEqual([{ name: 'a', sha }]);
  });
});

test('a repository has of another what it fetched, and nothing else', async () => {
  const [from, to] = [await fresh(), await fresh()];
  const first = await commitOf(from, [], { 'a/b': '1', c: '2' });
  const next = await commitOf(from, [first], { 'a/b': '3' });
  const other = await commitOf(from, [first], { 'a/b': '4' });
  await to.fetch(from, next, 'refs/heads/main');
  expect(git(to, 'fsck', '--strict', '--full', '--no-dangling')).toBe('');
  expect(await to.count(next, first)).toBe(1);
  expect(await to.resolve(other)).toBeUndefined();
  await expect(to.setRef('refs/heads/other', other)).rejects.toThrow(/no object/);
  const { sha } = (await from.entry(other, 'a/b'))!;
  await expect(to.writeTree(next, new Map([['a/b', { mode: '100644', sha }]]))).rejects.toThrow(/no object/);
});
