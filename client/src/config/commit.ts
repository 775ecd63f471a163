import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from './git.js';

export interface Author {
  readonly name: string;
  readonly email: string;
}

export interface NewCommit {
  /** What it is made on; undefined: it has no parent and no other files. */
  readonly parent: string | undefined;
  /** The whole text of each file, by its path. The others stay as in the parent. */
  readonly files: Readonly<Record<string, string>>;
  readonly message: string;
  readonly author: Author;
  readonly date: Date;
}

/** One commit with these files on top of another one, on no branch yet; its name. Throws GitError. */
export async function makeCommit(dir: string, commit: NewCommit): Promise<string> {
  const { parent, files, message } = commit;
  const folder = await mkdtemp(join(tmpdir(), 'aegis-index-'));
  try {
    const env = { GIT_INDEX_FILE: join(folder, 'index') };
    await git(dir, ['read-tree', parent ?? '--empty'], { env });
    const blobs = await storeAll(dir, folder, Object.values(files));
    const lines = Object.keys(files).map((path, at) => `100644 ${blobs[at]}\t${path}\0`);
    await git(dir, ['update-index', '-z', '--index-info'], { env, input: lines.join('') });
    const tree = (await git(dir, ['write-tree'], { env }))!.trim();
    const parents = parent === undefined ? [] : ['-p', parent];
    const made = await git(dir, ['commit-tree', tree, ...parents], {
      env: signature(commit),
      input: message,
    });
    return made!.trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Stores texts with one start of git; their names, in order. */
async function storeAll(dir: string, folder: string, texts: readonly string[]): Promise<string[]> {
  const paths = texts.map((_, at) => join(folder, `text-${at}`));
  await Promise.all(texts.map((text, at) => writeFile(paths[at]!, text)));
  const input = paths.map((path) => `${path}\n`).join('');
  return (await git(dir, ['hash-object', '-w', '--no-filters', '--stdin-paths'], { input }))!
    .trim()
    .split('\n');
}

function signature({ author, date }: NewCommit): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((role) => [
      [`GIT_${role}_NAME`, author.name],
      [`GIT_${role}_EMAIL`, author.email],
      [`GIT_${role}_DATE`, date.toISOString()],
    ]),
  );
}
