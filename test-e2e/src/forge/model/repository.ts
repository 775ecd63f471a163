import type { BareRepository } from '../git/repository.js';
import { mergeCommits, type MergeMethod } from '../git/merging.js';
import { ApiError, invalid } from '../http/api-types.js';
import type { SteppingClock } from './clock.js';
import { atLeast, signatureOf, type Identity, type Role } from './identity.js';
import { approvals, type Pull } from './pull.js';
import { appliesTo, brokenByMerge, brokenByPush, bypassOf, type Ruleset } from './rules.js';

export interface Issue {
  readonly number: number;
  readonly author: Identity;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  labels: readonly string[];
  readonly createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  readonly comments: {
    readonly id: number;
    readonly author: Identity;
    readonly body: string;
    readonly at: string;
  }[];
}

/** Files by path; null removes one. */
export type Files = Readonly<Record<string, string | null>>;

const WEB_FLOW = { name: 'GitHub', email: 'noreply@github.com' };

/** One repository of the forge: real git underneath; requests, reviews, issues and rules beside it. */
export class Repository {
  readonly pulls = new Map<number, Pull>();
  readonly issues = new Map<number, Issue>();
  readonly rulesets = new Map<number, Ruleset>();
  readonly roles = new Map<string, Role>();
  /** Where this one's old names lead from. */
  movedTo: string | undefined;
  private lastNumber = 0;

  constructor(
    readonly id: number,
    readonly owner: Identity,
    readonly name: string,
    readonly defaultBranch: string,
    readonly git: BareRepository,
    readonly clock: SteppingClock,
    readonly isPrivate: boolean,
    readonly forkOf?: Repository,
  ) {
    this.roles.set(owner.login, 'admin');
  }

  get fullName(): string {
    return `${this.owner.login}/${this.name}`;
  }

  roleOf(identity: Identity | undefined): Role {
    const given = identity === undefined ? undefined : this.roles.get(identity.login);
    return given ?? (this.isPrivate ? 'none' : 'read');
  }

  nextNumber(): number {
    return ++this.lastNumber;
  }

  /** One more commit with these files on top of a branch (or of `parents`), not yet on any branch. */
  async commitFiles(
    author: Identity,
    parents: readonly string[],
    files: Files,
    message: string,
  ): Promise<string> {
    const entries = new Map<string, { mode: string; sha: string } | null>();
    for (const [path, content] of Object.entries(files)) {
      entries.set(path, content === null ? null : { mode: '100644', sha: await this.git.writeBlob(content) });
    }
    const tree = await this.git.writeTree(parents[0], entries);
    const signature = signatureOf(author, this.clock.next());
    return this.git.writeCommit({ tree, parents, author: signature, committer: signature, message });
  }

  /** A commit straight onto a branch, as `git push` does it. Rules are not asked: `moveBranch` does. */
  async push(pusher: Identity, branch: string, files: Files, message = 'Change files'): Promise<string> {
    const head = await this.git.head(branch);
    const sha = await this.commitFiles(pusher, head === undefined ? [] : [head], files, message);
    await this.setBranch(pusher, branch, sha);
    return sha;
  }

  /** Puts a branch somewhere, wherever it stood. Requests whose head is now in it count as merged, by whom pushed. */
  async setBranch(pusher: Identity, branch: string, sha: string): Promise<void> {
    await this.git.setRef(`refs/heads/${branch}`, sha);
    for (const pull of this.pulls.values()) {
      if (pull.state !== 'open' || pull.baseRef !== branch) continue;
      await this.refresh(pull);
      if (!(await this.git.isAncestor(pull.headSha, sha))) continue;
      this.settle(pull, pusher, pull.headSha, [pull.headSha]);
    }
  }

  /** As setBranch, for those who ask over the API: refused when a ruleset forbids it. */
  async moveBranch(pusher: Identity, branch: string, sha: string, force: boolean): Promise<void> {
    const head = await this.git.head(branch);
    const rewrites = head !== undefined && !(await this.git.isAncestor(head, sha));
    if (rewrites && !force) throw new ApiError(422, 'Update is not a fast forward');
    const broken = this.rulesFor(branch).flatMap((ruleset) => {
      const bypass = bypassOf(ruleset, pusher, this.roleOf(pusher));
      return bypass === 'always' || bypass === 'exempt' ? [] : brokenByPush(ruleset, rewrites);
    });
    if (broken.length > 0)
      throw new ApiError(409, `Repository rule violations found\n\n${broken.join('\n')}`);
    await this.setBranch(pusher, branch, sha);
  }

  rulesFor(branch: string): Ruleset[] {
    return [...this.rulesets.values()].filter((ruleset) => appliesTo(ruleset, branch, this.defaultBranch));
  }

  async open(
    author: Identity,
    from: { repository: Repository; ref: string },
    to: string,
    title: string,
    body: string | null,
    draft = false,
  ) {
    const baseSha = await this.git.head(to);
    if (baseSha === undefined) throw invalid('PullRequest', 'base', 'base does not exist');
    const headSha = await from.repository.git.head(from.ref);
    if (headSha === undefined) throw invalid('PullRequest', 'head', 'head does not exist');
    const twin = [...this.pulls.values()].find((pull) => {
      return (
        pull.state === 'open' &&
        pull.baseRef === to &&
        pull.headRepository === from.repository &&
        pull.headRef === from.ref
      );
    });
    const label = `${from.repository.owner.login}:${from.ref}`;
    if (twin !== undefined)
      throw invalid('PullRequest', 'head', `A pull request already exists for ${label}.`);
    const number = this.nextNumber();
    await this.git.fetch(from.repository.git, headSha, `refs/pull/${number}/head`);
    if (await this.git.isAncestor(headSha, baseSha)) {
      throw invalid('PullRequest', 'head', `No commits between ${to} and ${label}`);
    }
    const at = this.clock.next();
    const pull: Pull = {
      number,
      author,
      title,
      body,
      state: 'open',
      draft,
      labels: [],
      headRepository: from.repository,
      headRef: from.ref,
      headSha,
      baseRef: to,
      baseSha,
      createdAt: at,
      updatedAt: at,
      closedAt: null,
      merged: null,
      reviews: [],
    };
    this.pulls.set(number, pull);
    return pull;
  }

  /** Takes over where an open request's branch stands now. */
  async refresh(pull: Pull): Promise<void> {
    if (pull.state !== 'open') return;
    const head = await pull.headRepository.git.head(pull.headRef);
    if (head === undefined || head === pull.headSha) return;
    await this.git.fetch(pull.headRepository.git, head, `refs/pull/${pull.number}/head`);
    pull.headSha = head;
  }

  /** Whether git could merge an open request as it is. */
  async mergeable(pull: Pull): Promise<boolean> {
    const base = await this.git.head(pull.baseRef);
    return base !== undefined && (await this.git.mergeTree(base, pull.headSha)) !== undefined;
  }

  /** Takes over what the repository that this one is a fork of has on a branch. False: this one has commits of its own there. */
  async follow(pusher: Identity, branch: string): Promise<boolean> {
    const theirs = await this.forkOf?.git.head(branch);
    if (this.forkOf === undefined || theirs === undefined)
      throw new ApiError(422, 'There is nothing to follow');
    const own = await this.git.head(branch);
    await this.git.fetch(this.forkOf.git, theirs, `refs/upstream/${branch}`);
    if (own !== undefined && !(await this.git.isAncestor(own, theirs))) return false;
    await this.setBranch(pusher, branch, theirs);
    return true;
  }

  /** Merges by git itself. Throws ApiError as GitHub refuses. */
  async merge(pull: Pull, merger: Identity, method: MergeMethod, expectedHead?: string): Promise<string> {
    if (!atLeast(this.roleOf(merger), 'write'))
      throw new ApiError(403, 'Resource not accessible by this identity');
    if (pull.state !== 'open' || pull.draft) throw new ApiError(405, 'Pull Request is not mergeable');
    await this.refresh(pull);
    if (expectedHead !== undefined && expectedHead !== pull.headSha) {
      throw new ApiError(409, 'Head branch was modified. Review and try the merge again.');
    }
    this.refuseBrokenRules(pull, merger);
    const base = (await this.git.head(pull.baseRef))!;
    const date = this.clock.next();
    const message =
      method === 'merge'
        ? `Merge pull request #${pull.number} from ${pull.headRepository.owner.login}/${pull.headRef}\n\n${pull.title}`
        : `${pull.title} (#${pull.number})`;
    const commits = await mergeCommits(this.git, {
      method,
      base,
      head: pull.headSha,
      message,
      merger: signatureOf(merger, date),
      committer: { ...WEB_FLOW, date },
    });
    const sha = commits?.at(-1);
    if (commits === undefined || sha === undefined) throw new ApiError(405, 'Pull Request is not mergeable');
    await this.git.setRef(`refs/heads/${pull.baseRef}`, sha, base);
    this.settle(pull, merger, sha, commits);
    return sha;
  }

  private refuseBrokenRules(pull: Pull, merger: Identity): void {
    const approved = approvals(pull).filter(({ commit, user }) => {
      return commit === pull.headSha && atLeast(this.roleOf(user), 'write');
    });
    const broken = this.rulesFor(pull.baseRef).flatMap((ruleset) => {
      const bypass = bypassOf(ruleset, merger, this.roleOf(merger));
      return bypass === 'never' ? brokenByMerge(ruleset, approved.length) : [];
    });
    if (broken.length > 0)
      throw new ApiError(405, `Repository rule violations found\n\n${broken.join('\n')}`);
  }

  private settle(pull: Pull, by: Identity, sha: string, commits: readonly string[]): void {
    const at = this.clock.next();
    pull.state = 'closed';
    pull.closedAt = at;
    pull.updatedAt = at;
    pull.merged = { at, by, sha, commits };
  }
}
