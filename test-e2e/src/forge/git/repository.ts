import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asLine, commitsBetween, isAncestor } from './ancestry.js';
import { GitAnswers, type FileChange } from './answers.js';
import { encodeCommit, parseCommit, type Commit, type NewCommit } from './commit.js';
import { ObjectStore } from './objects.js';
import { Refs } from './refs.js';
import { entryAt, readTree, typeOf, writeTree, type FileEntries, type TreeEntry } from './tree.js';

export type { Commit, NewCommit, Signature } from './commit.js';
export type { FileChange } from './answers.js';

export interface Entry {
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly sha: string;
  /** Bytes of a blob, 0 for anything else. */
  readonly size: number;
  readonly path: string;
}

const FULL_ID = /^[0-9a-f]{40}$/;

/**
 * One bare git repository; nothing here has a working tree. What only fetches or stores (objects, refs, who descends from
 * whom) is done here in git's own format; what takes git's judgement (merges, differences, a path's history) git is asked,
 * which is why all of it is asynchronous.
 */
export class BareRepository {
  private readonly objects: ObjectStore;
  private readonly refs: Refs;
  private readonly answers: GitAnswers;
  private readonly commits = new Map<string, Commit>();

  private constructor(readonly dir: string) {
    this.objects = new ObjectStore(join(dir, 'objects'));
    this.refs = new Refs(dir);
    this.answers = new GitAnswers(dir);
  }

  static async create(dir: string, defaultBranch: string): Promise<BareRepository> {
    for (const folder of ['objects', 'refs/heads']) mkdirSync(join(dir, folder), { recursive: true });
    writeFileSync(join(dir, 'HEAD'), `ref: refs/heads/${defaultBranch}\n`);
    writeFileSync(join(dir, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
    return new BareRepository(dir);
  }

  /** What a branch, tag or (abbreviated) commit id means; undefined if nothing. */
  async resolve(revision: string): Promise<string | undefined> {
    if (FULL_ID.test(revision)) return this.objects.find(revision)?.type === 'commit' ? revision : undefined;
    if (revision.startsWith('refs/')) return this.refs.read(revision);
    const named = [`refs/${revision}`, `refs/tags/${revision}`, `refs/heads/${revision}`];
    return (
      named.map((ref) => this.refs.read(ref)).find((sha) => sha !== undefined) ??
      (await this.answers.resolve(revision))
    );
  }

  async head(branch: string): Promise<string | undefined> {
    return this.refs.read(`refs/heads/${branch}`);
  }

  async branches(): Promise<{ readonly name: string; readonly sha: string }[]> {
    return this.refs.list('refs/heads').map(({ name, id: sha }) => ({ name, sha }));
  }

  /** `expected` undefined: wherever it stands; null: it must be new. Throws if it stands elsewhere. */
  async setRef(ref: string, sha: string, expected?: string | null): Promise<void> {
    this.read(sha);
    this.refs.write(ref, sha, expected);
  }

  async deleteRef(ref: string): Promise<void> {
    this.refs.remove(ref);
  }

  /** Brings the commits of another repository here, with all that is in them, under `ref`. */
  async fetch(from: BareRepository, sha: string, ref: string): Promise<void> {
    if (from !== this) this.takeCommits(from, sha);
    await this.setRef(ref, sha);
  }

  /** Newest first, in git's own order: all ancestors, not only first parents. */
  async log(sha: string, options: { path?: string; not?: string } = {}): Promise<Commit[]> {
    const line =
      options.path === undefined ? asLine(commitsBetween(this.read, sha, options.not), sha) : undefined;
    return line ?? (await this.answers.log(sha, options)).map(this.read);
  }

  async commit(sha: string): Promise<Commit> {
    return this.read(sha);
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    return isAncestor(this.read, ancestor, descendant);
  }

  async mergeBase(a: string, b: string): Promise<string | undefined> {
    if (isAncestor(this.read, a, b)) return a;
    return isAncestor(this.read, b, a) ? b : this.answers.mergeBase(a, b);
  }

  /** How many commits are in `sha` and not in `not`. */
  async count(sha: string, not: string): Promise<number> {
    return commitsBetween(this.read, sha, not).length;
  }

  /** What stands at a path: one entry for a file, those of a folder, nothing. */
  async entry(sha: string, path: string): Promise<Entry | undefined> {
    const found = entryAt(this.objects, this.read(sha).tree, path);
    return found === undefined ? undefined : this.describe(path, found);
  }

  async folder(sha: string, path: string): Promise<Entry[]> {
    const { tree } = this.read(sha);
    const found = path === '' ? tree : entryAt(this.objects, tree, path)?.sha;
    if (found === undefined || this.objects.find(found)?.type !== 'tree') return [];
    const within = (name: string): string => (path === '' ? name : `${path}/${name}`);
    return [...readTree(this.objects, found)].map(([name, entry]) => this.describe(within(name), entry));
  }

  async blob(sha: string): Promise<Buffer> {
    return this.objects.read(sha, 'blob');
  }

  async writeBlob(content: string | Buffer): Promise<string> {
    return this.objects.write('blob', Buffer.from(content));
  }

  /** The tree of `base` (a commit or a tree; undefined: empty) with some files written, or removed (null). */
  async writeTree(base: string | undefined, files: FileEntries): Promise<string> {
    const isCommit = base !== undefined && this.objects.find(base)?.type === 'commit';
    return writeTree(this.objects, isCommit ? this.read(base).tree : base, files);
  }

  async writeCommit(commit: NewCommit): Promise<string> {
    this.objects.read(commit.tree, 'tree');
    for (const parent of commit.parents) this.read(parent);
    return this.objects.write('commit', encodeCommit(commit));
  }

  /** Git's own merge of two commits; undefined if they conflict. */
  async mergeTree(ours: string, theirs: string): Promise<string | undefined> {
    if (isAncestor(this.read, ours, theirs)) return this.read(theirs).tree;
    if (isAncestor(this.read, theirs, ours)) return this.read(ours).tree;
    return this.answers.mergeTree(ours, theirs);
  }

  diff(from: string, to: string): Promise<FileChange[]> {
    return this.answers.diff(from, to);
  }

  private readonly read = (sha: string): Commit => {
    const known = this.commits.get(sha);
    if (known !== undefined) return known;
    const commit = parseCommit(sha, this.objects.read(sha, 'commit'));
    this.commits.set(sha, commit);
    return commit;
  };

  private describe(path: string, entry: TreeEntry): Entry {
    const type = typeOf(entry);
    const size = type === 'blob' ? this.objects.read(entry.sha, 'blob').length : 0;
    return { mode: entry.mode, type, sha: entry.sha, size, path };
  }

  private takeCommits(from: BareRepository, sha: string): void {
    if (this.objects.has(sha)) return;
    const { tree, parents } = from.read(sha);
    for (const parent of parents) this.takeCommits(from, parent);
    this.takeTree(from, tree);
    this.objects.take(from.objects, sha);
  }

  private takeTree(from: BareRepository, sha: string): void {
    if (this.objects.has(sha)) return;
    for (const entry of readTree(from.objects, sha).values()) {
      if (typeOf(entry) === 'tree') this.takeTree(from, entry.sha);
      else if (typeOf(entry) === 'blob') this.objects.take(from.objects, entry.sha);
    }
    this.objects.take(from.objects, sha);
  }
}
