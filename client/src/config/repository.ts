import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeCommit, type Author } from './commit.js';
import { git } from './git.js';
import { LastingAnswers } from './lasting-answers.js';

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

const AGENT: Author = { name: 'AEGIS agent', email: 'agent@aegis.invalid' };
const NOTHING = '0'.repeat(40);
const FULL_ID = /^[0-9a-f]{40}$/;
/** Longer files are asked for every time. */
const KEPT_CHARACTERS_MAX = 64 * 1024;

/** What git says of a commit. */
interface Facts {
  readonly parents: readonly string[];
  readonly committer: string;
  readonly message: string;
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
  private readonly facts = new LastingAnswers<Facts>(() => true);
  private readonly files = new LastingAnswers<string | undefined>(
    (text) => text !== undefined && text.length <= KEPT_CHARACTERS_MAX,
  );

  constructor(private readonly options: RepositoryOptions) {}

  async isBare(): Promise<boolean> {
    return (await this.run(['rev-parse', '--is-bare-repository'])).trim() === 'true';
  }

  async head(branch: string): Promise<string | undefined> {
    const loose = this.looseRef(branch);
    return FULL_ID.test(loose) ? loose : this.resolve(`refs/heads/${branch}`);
  }

  async parent(commit: string): Promise<string | undefined> {
    return (await this.factsOf(commit)).parents[0];
  }

  file(commit: string, path: string): Promise<string | undefined> {
    const name = `${commit}:${path}`;
    const ask = () => this.maybe(['cat-file', 'blob', name], [128]);
    return FULL_ID.test(commit) ? this.files.of(name, ask) : ask();
  }

  async message(commit: string): Promise<string> {
    return (await this.factsOf(commit)).message;
  }

  async merged(commit: string): Promise<{ readonly commit: string; readonly by: string } | undefined> {
    if (await this.isOnTop(commit)) return undefined;
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
    if (await this.isOnTop(commit)) return false;
    const merge = ['merge-tree', '--write-tree', `refs/heads/${this.options.base}`, commit];
    return (await this.maybe(merge, [1])) === undefined;
  }

  async write({ branch, parent, from, files, message }: BranchChange): Promise<string> {
    const { dir, author = AGENT, now = Date.now } = this.options;
    const head = await makeCommit(dir, { parent, files, message, author, date: new Date(now()) });
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
    return (await this.factsOf(commit)).committer;
  }

  /** Equal as long as the branch stands where it did, told without starting git; whoever asks every second asks this first. */
  mark(branch: string): string {
    const { dir } = this.options;
    const loose = this.looseRef(branch);
    const packed = textOr('', () => String(statSync(join(dir, 'packed-refs')).mtimeMs));
    // Kept in another way, it can only be asked of git.
    return loose === '' && packed === '' ? `unknown at ${performance.now()}` : `${loose} ${packed}`;
  }

  /** The names of branches that begin so. */
  async branches(prefix: string): Promise<readonly string[]> {
    const listed = await this.run(['for-each-ref', '--format=%(refname:lstrip=2)', `refs/heads/${prefix}`]);
    return listed.split('\n').filter((name) => name !== '');
  }

  /** Made on the very commit that the base stands at: not merged, and free of conflicts. */
  private async isOnTop(commit: string): Promise<boolean> {
    const base = await this.head(this.options.base);
    return base !== undefined && (await this.factsOf(commit)).parents.includes(base);
  }

  private factsOf(commit: string): Promise<Facts> {
    const ask = async (): Promise<Facts> => {
      const said = await this.run(['log', '-1', '--format=%P%n%cn%n%B', commit, '--']);
      const [parents = '', committer = '', ...message] = said.split('\n');
      const names = parents.split(' ').filter((name) => name !== '');
      return { parents: names, committer: committer.trim(), message: message.join('\n') };
    };
    return FULL_ID.test(commit) ? this.facts.of(commit, ask) : ask();
  }

  /** What lies in the branch's own file, which counts before all else; empty: it is kept in another way, or is not there. */
  private looseRef(branch: string): string {
    const path = join(this.options.dir, 'refs', 'heads', branch);
    return textOr('', () => readFileSync(path, 'utf8')).trim();
  }

  private async resolve(name: string): Promise<string | undefined> {
    return (await this.maybe(['rev-parse', '--verify', '--quiet', `${name}^{commit}`], [1, 128]))?.trim();
  }

  private async run(args: readonly string[], options: Parameters<typeof git>[2] = {}): Promise<string> {
    return (await git(this.options.dir, args, options))!;
  }

  private maybe(args: readonly string[], accept: readonly number[]): Promise<string | undefined> {
    return git(this.options.dir, args, { accept });
  }
}

function textOr(otherwise: string, read: () => string): string {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
