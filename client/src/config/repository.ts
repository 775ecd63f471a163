import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from './git.js';

/** One commit for a branch, and where the branch has to stand for it. */
export interface BranchChange {
  readonly branch: string;
  /** The commit that it is made on; undefined: the branch begins without one. */
  readonly parent: string | undefined;
  /** Where the branch stands; undefined: there is none yet. Elsewhere, and nothing is written. */
  readonly from: string | undefined;
  /** The whole text of each file, by its path. The others stay as in the parent. */
  readonly files: Readonly<Record<string, string>>;
  readonly message: string;
}

/**
 * The repository of a cluster's settings, as far as proposals need it: read anything, and write branches. `base` is the branch that
 * people merge into, which is never written.
 */
export interface ConfigRepository {
  /** The commit of a branch; undefined: there is none. */
  head(branch: string): Promise<string | undefined>;
  /** The first parent of a commit; undefined: it has none. */
  parent(commit: string): Promise<string | undefined>;
  file(commit: string, path: string): Promise<string | undefined>;
  message(commit: string): Promise<string>;
  /** By which commit of the base it was merged, and who made that one; undefined: it was not. */
  merged(commit: string): Promise<{ readonly commit: string; readonly by: string } | undefined>;
  /** Whether a person would have to mend it before they could merge it. */
  conflicts(commit: string): Promise<boolean>;
  /** Makes the commit and moves the branch to it. Its name. */
  write(change: BranchChange): Promise<string>;
  /** Deletes a branch that stands at `from`. */
  remove(branch: string, from: string): Promise<void>;
}

const AGENT = { name: 'AEGIS agent', email: 'agent@aegis.invalid' };
const NOTHING = '0'.repeat(40);

export interface Author {
  readonly name: string;
  readonly email: string;
}

export interface RepositoryOptions {
  /** A bare repository. */
  readonly dir: string;
  readonly base: string;
  /** Whom commits are from. */
  readonly author?: Author;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A bare repository on this machine, through git. */
export class GitRepository implements ConfigRepository {
  constructor(private readonly options: RepositoryOptions) {}

  async isBare(): Promise<boolean> {
    return (await this.run(['rev-parse', '--is-bare-repository'])).trim() === 'true';
  }

  head(branch: string): Promise<string | undefined> {
    return this.resolve(`refs/heads/${branch}`);
  }

  parent(commit: string): Promise<string | undefined> {
    return this.resolve(`${commit}^`);
  }

  file(commit: string, path: string): Promise<string | undefined> {
    return this.maybe(['cat-file', 'blob', `${commit}:${path}`], [128]);
  }

  message(commit: string): Promise<string> {
    return this.run(['log', '-1', '--format=%B', commit]);
  }

  async merged(commit: string): Promise<{ readonly commit: string; readonly by: string } | undefined> {
    const base = `refs/heads/${this.options.base}`;
    if (!(await this.isAncestor(commit, base))) return undefined;
    const found = await this.run([
      'log',
      '--first-parent',
      '--reverse',
      '--ancestry-path',
      '--format=%H %cn',
      `${commit}..${base}`,
    ]);
    const words = found.split('\n')[0]!.split(' ');
    const [merge = commit, ...name] = words.filter((word) => word !== '');
    return { commit: merge, by: name.join(' ') || (await this.committer(merge)) };
  }

  async conflicts(commit: string): Promise<boolean> {
    const merge = ['merge-tree', '--write-tree', `refs/heads/${this.options.base}`, commit];
    return (await this.maybe(merge, [1])) === undefined;
  }

  async write({ branch, parent, from, files, message }: BranchChange): Promise<string> {
    const head = await this.commit(parent, files, message);
    await this.run(['update-ref', `refs/heads/${branch}`, head, from ?? NOTHING]);
    return head;
  }

  async remove(branch: string, from: string): Promise<void> {
    await this.run(['update-ref', '-d', `refs/heads/${branch}`, from]);
  }

  /** Whether whoever has the second has the first, too. */
  async isAncestor(commit: string, of: string): Promise<boolean> {
    return (await this.maybe(['merge-base', '--is-ancestor', commit, of], [1])) !== undefined;
  }

  async committer(commit: string): Promise<string> {
    return (await this.run(['log', '-1', '--format=%cn', commit])).trim();
  }

  /** Equal as long as the branch stands where it did, told without starting git; whoever asks every second asks this first. */
  mark(branch: string): string {
    const { dir } = this.options;
    const read = (path: string, what: (path: string) => string): string => {
      try {
        return what(path);
      } catch {
        return '';
      }
    };
    const loose = read(join(dir, 'refs', 'heads', branch), (path) => readFileSync(path, 'utf8'));
    const packed = read(join(dir, 'packed-refs'), (path) => String(statSync(path).mtimeMs));
    // Kept in another way, it can only be asked of git.
    return loose === '' && packed === '' ? `unknown at ${performance.now()}` : `${loose} ${packed}`;
  }

  /** The names of branches that begin so. */
  async branches(prefix: string): Promise<readonly string[]> {
    const listed = await this.run(['for-each-ref', '--format=%(refname:lstrip=2)', `refs/heads/${prefix}`]);
    return listed.split('\n').filter((name) => name !== '');
  }

  private async resolve(name: string): Promise<string | undefined> {
    return (await this.maybe(['rev-parse', '--verify', '--quiet', `${name}^{commit}`], [1, 128]))?.trim();
  }

  /** One commit with these files on top of another one, on no branch yet. */
  private async commit(
    parent: string | undefined,
    files: Readonly<Record<string, string>>,
    message: string,
  ): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'aegis-index-'));
    try {
      const env = { GIT_INDEX_FILE: join(folder, 'index') };
      await git(this.options.dir, parent === undefined ? ['read-tree', '--empty'] : ['read-tree', parent], {
        env,
      });
      const lines: string[] = [];
      for (const [path, content] of Object.entries(files)) {
        const blob = await this.run(['hash-object', '-w', '--stdin'], { input: content });
        lines.push(`100644 ${blob.trim()}\t${path}\0`);
      }
      await git(this.options.dir, ['update-index', '-z', '--index-info'], { env, input: lines.join('') });
      const tree = (await git(this.options.dir, ['write-tree'], { env }))!.trim();
      const parents = parent === undefined ? [] : ['-p', parent];
      const who = this.signature();
      return (await this.run(['commit-tree', tree, ...parents], { env: who, input: message })).trim();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private signature(): Readonly<Record<string, string>> {
    const { author = AGENT, now = Date.now } = this.options;
    const date = new Date(now()).toISOString();
    return Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((role) => [
        [`GIT_${role}_NAME`, author.name],
        [`GIT_${role}_EMAIL`, author.email],
        [`GIT_${role}_DATE`, date],
      ]),
    );
  }

  private async run(args: readonly string[], options: Parameters<typeof git>[2] = {}): Promise<string> {
    return (await git(this.options.dir, args, options))!;
  }

  private maybe(args: readonly string[], accept: readonly number[]): Promise<string | undefined> {
    return git(this.options.dir, args, { accept });
  }
}
