import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit, type GitOptions } from './run.js';

export interface Signature {
  readonly name: string;
  readonly email: string;
  /** ISO 8601, whole seconds. */
  readonly date: string;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

export interface Entry {
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly sha: string;
  /** Bytes of a blob, 0 for anything else. */
  readonly size: number;
  readonly path: string;
}

export interface FileChange {
  readonly path: string;
  readonly status: 'added' | 'removed' | 'modified';
  readonly sha: string | null;
  readonly additions: number;
  readonly deletions: number;
}

export type NewCommit = Omit<Commit, 'sha'>;

const COMMIT_FORMAT = ['%H', '%T', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'].join('%x00');
const NO_OBJECT = /^0+$/;

/** One bare git repository. Objects and refs are made by git itself; nothing here has a working tree. */
export class BareRepository {
  private constructor(readonly dir: string) {}

  static async create(dir: string, defaultBranch: string): Promise<BareRepository> {
    await runGit(dir, ['init', '--bare', '--quiet', '--initial-branch', defaultBranch, dir]);
    return new BareRepository(dir);
  }

  /** What a branch, tag or (abbreviated) commit id means; undefined if nothing. */
  async resolve(revision: string): Promise<string | undefined> {
    if (revision.startsWith('-')) return undefined;
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
    const { status, stdout } = await this.git(args, { accept: [1, 128] });
    return status === 0 ? stdout.toString().trim() : undefined;
  }

  head(branch: string): Promise<string | undefined> {
    return this.resolve(`refs/heads/${branch}`);
  }

  async branches(): Promise<{ readonly name: string; readonly sha: string }[]> {
    const lines = await this.lines([
      'for-each-ref',
      '--format=%(objectname) %(refname:lstrip=2)',
      'refs/heads',
    ]);
    return lines.map((line) => ({
      sha: line.slice(0, line.indexOf(' ')),
      name: line.slice(line.indexOf(' ') + 1),
    }));
  }

  /** `expected` undefined: wherever it stands; null: it must be new. Throws GitError if it stands elsewhere. */
  async setRef(ref: string, sha: string, expected?: string | null): Promise<void> {
    const old = expected === null ? ['0'.repeat(40)] : expected === undefined ? [] : [expected];
    await this.git(['update-ref', ref, sha, ...old]);
  }

  async deleteRef(ref: string): Promise<void> {
    await this.git(['update-ref', '-d', ref]);
  }

  /** Brings the commits of another repository here, under `ref`. */
  async fetch(from: BareRepository, sha: string, ref: string): Promise<void> {
    if (from !== this) {
      const config = ['-c', 'uploadpack.allowAnySHA1InWant=true'];
      await this.git([...config, 'fetch', '--quiet', '--no-tags', from.dir, `+${sha}:${ref}`]);
    } else await this.setRef(ref, sha);
  }

  /** Newest first, in git's own order: all ancestors, not only first parents. */
  async log(sha: string, options: { max?: number; path?: string; not?: string } = {}): Promise<Commit[]> {
    const args = ['log', '-z', `--format=${COMMIT_FORMAT}%x01`];
    if (options.max !== undefined) args.push(`--max-count=${options.max}`);
    args.push(sha);
    if (options.not !== undefined) args.push(`^${options.not}`);
    args.push('--', ...(options.path === undefined ? [] : [options.path]));
    const text = (await this.git(args)).stdout.toString();
    return text
      .split('\x01')
      .map((record) => record.replace(/^\0/, ''))
      .filter((record) => record !== '')
      .map(readCommit);
  }

  async commit(sha: string): Promise<Commit> {
    const [commit] = await this.log(sha, { max: 1 });
    if (commit === undefined) throw new Error(`no commit ${sha}`);
    return commit;
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    const { status } = await this.git(['merge-base', '--is-ancestor', ancestor, descendant], { accept: [1] });
    return status === 0;
  }

  async mergeBase(a: string, b: string): Promise<string | undefined> {
    const { status, stdout } = await this.git(['merge-base', a, b], { accept: [1] });
    return status === 0 ? stdout.toString().trim() : undefined;
  }

  /** How many commits are in `sha` and not in `not`. */
  async count(sha: string, not: string): Promise<number> {
    return Number((await this.git(['rev-list', '--count', sha, `^${not}`])).stdout.toString());
  }

  /** What stands at a path: one entry for a file, those of a folder, nothing. */
  async entry(sha: string, path: string): Promise<Entry | undefined> {
    return (await this.entries(sha, path)).find((entry) => entry.path === path);
  }

  async folder(sha: string, path: string): Promise<Entry[]> {
    return this.entries(sha, path === '' ? '' : `${path}/`);
  }

  async blob(sha: string): Promise<Buffer> {
    return (await this.git(['cat-file', 'blob', sha])).stdout;
  }

  async writeBlob(content: string | Buffer): Promise<string> {
    return (await this.git(['hash-object', '-w', '--stdin'], { input: content })).stdout.toString().trim();
  }

  /** The tree of `base` (undefined: empty) with some files written, or removed (null). */
  async writeTree(
    base: string | undefined,
    files: ReadonlyMap<string, { mode: string; sha: string } | null>,
  ): Promise<string> {
    const folder = await mkdtemp(join(this.dir, 'index-'));
    const env = { GIT_INDEX_FILE: join(folder, 'index') };
    try {
      await this.git(base === undefined ? ['read-tree', '--empty'] : ['read-tree', base], { env });
      const lines = [...files].map(([path, file]) => {
        return file === null ? `0 ${'0'.repeat(40)}\t${path}` : `${file.mode} ${file.sha}\t${path}`;
      });
      await this.git(['update-index', '-z', '--index-info'], {
        env,
        input: lines.map((line) => `${line}\0`).join(''),
      });
      return (await this.git(['write-tree'], { env })).stdout.toString().trim();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async writeCommit({ tree, parents, author, committer, message }: NewCommit): Promise<string> {
    const env = {
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_AUTHOR_DATE: author.date,
      GIT_COMMITTER_NAME: committer.name,
      GIT_COMMITTER_EMAIL: committer.email,
      GIT_COMMITTER_DATE: committer.date,
    };
    const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent])];
    return (await this.git(args, { env, input: message })).stdout.toString().trim();
  }

  /** Git's own merge of two commits; undefined if they conflict. */
  async mergeTree(ours: string, theirs: string): Promise<string | undefined> {
    const args = ['merge-tree', '--write-tree', '--no-messages', ours, theirs];
    const { status, stdout } = await this.git(args, { accept: [1] });
    return status === 0 ? stdout.toString().split('\n')[0]!.trim() : undefined;
  }

  async diff(from: string, to: string): Promise<FileChange[]> {
    const raw = await this.lines(['diff-tree', '-r', '--no-renames', from, to]);
    const counted = await this.lines(['diff-tree', '-r', '--no-renames', '--numstat', from, to]);
    return raw.map((line, i) => {
      const [meta = '', path = ''] = line.split('\t');
      const [, , , after = '', letter = ''] = meta.split(' ');
      const [additions, deletions] = (counted[i] ?? '').split('\t').map(Number);
      const status = letter === 'A' ? 'added' : letter === 'D' ? 'removed' : 'modified';
      const sha = NO_OBJECT.test(after) ? null : after;
      return { path, status, sha, additions: additions || 0, deletions: deletions || 0 };
    });
  }

  private async entries(sha: string, path: string): Promise<Entry[]> {
    const { stdout } = await this.git(['ls-tree', '-z', '-l', sha, '--', ...(path === '' ? [] : [path])]);
    const records = stdout
      .toString()
      .split('\0')
      .filter((record) => record !== '');
    return records.map((record) => {
      const [meta = '', path = ''] = record.split('\t');
      const [mode = '', type, id = '', size = ''] = meta.split(/ +/);
      return { mode, type: type as Entry['type'], sha: id, size: Number(size) || 0, path };
    });
  }

  private async lines(args: readonly string[]): Promise<string[]> {
    return (await this.git(args)).stdout
      .toString()
      .split('\n')
      .filter((line) => line !== '');
  }

  private git(args: readonly string[], options: GitOptions = {}) {
    return runGit(this.dir, args, options);
  }
}

function readCommit(record: string): Commit {
  const [
    sha = '',
    tree = '',
    parents = '',
    an = '',
    ae = '',
    ad = '',
    cn = '',
    ce = '',
    cd = '',
    message = '',
  ] = record.split('\0');
  return {
    sha,
    tree,
    parents: parents.split(' ').filter((parent) => parent !== ''),
    author: { name: an, email: ae, date: ad },
    committer: { name: cn, email: ce, date: cd },
    message: message.trimEnd(),
  };
}
