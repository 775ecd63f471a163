import { runGit, type GitOptions, type GitResult } from './run.js';

export interface FileChange {
  readonly path: string;
  readonly status: 'added' | 'removed' | 'modified';
  readonly sha: string | null;
  readonly additions: number;
  readonly deletions: number;
}

const NO_OBJECT = /^0+$/;

/**
 * What git itself says of one repository. All but `resolve` are asked about commits by their full ids: such an answer never
 * changes, so that git is asked once.
 */
export class GitAnswers {
  private readonly known = new Map<string, Promise<GitResult>>();

  constructor(private readonly dir: string) {}

  /** An expression or an abbreviated id, now; undefined if it means no commit. */
  async resolve(revision: string): Promise<string | undefined> {
    if (revision.startsWith('-')) return undefined;
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
    const { status, stdout } = await runGit(this.dir, args, { accept: [1, 128] });
    return status === 0 ? stdout.toString().trim() : undefined;
  }

  /** Ids of commits, newest first. */
  log(sha: string, { path, not }: { path?: string; not?: string }): Promise<string[]> {
    const without = not === undefined ? [] : [`^${not}`];
    return this.lines(['rev-list', sha, ...without, '--', ...(path === undefined ? [] : [path])]);
  }

  async mergeBase(a: string, b: string): Promise<string | undefined> {
    const { status, stdout } = await this.ask(['merge-base', a, b], { accept: [1] });
    return status === 0 ? stdout.toString().trim() : undefined;
  }

  /** Undefined if they conflict. */
  async mergeTree(ours: string, theirs: string): Promise<string | undefined> {
    const args = ['merge-tree', '--write-tree', '--no-messages', ours, theirs];
    const { status, stdout } = await this.ask(args, { accept: [1] });
    return status === 0 ? stdout.toString().split('\n')[0]!.trim() : undefined;
  }

  async diff(from: string, to: string): Promise<FileChange[]> {
    const lines = await this.lines(['diff-tree', '-r', '--no-renames', '--raw', '--numstat', from, to]);
    const raw = lines.filter((line) => line.startsWith(':'));
    const counted = lines.slice(raw.length);
    return raw.map((line, i) => {
      const [meta = '', path = ''] = line.split('\t');
      const [, , , after = '', letter = ''] = meta.split(' ');
      const [additions, deletions] = (counted[i] ?? '').split('\t').map(Number);
      const status = letter === 'A' ? 'added' : letter === 'D' ? 'removed' : 'modified';
      const sha = NO_OBJECT.test(after) ? null : after;
      return { path, status, sha, additions: additions || 0, deletions: deletions || 0 };
    });
  }

  private async lines(args: readonly string[]): Promise<string[]> {
    return (await this.ask(args)).stdout
      .toString()
      .split('\n')
      .filter((line) => line !== '');
  }

  private ask(args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
    const question = args.join('\0');
    const known = this.known.get(question) ?? runGit(this.dir, args, options);
    this.known.set(question, known);
    return known;
  }
}
