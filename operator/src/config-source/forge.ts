/** What the decision must know of a forge. Facts, not opinions: `judge` has those. */
export interface Forge {
  /** The commit at a branch's head. */
  head(branch: string): Promise<string>;
  /** Some ancestors of a commit, itself first; as many as the forge gives at once. */
  commits(from: string): Promise<readonly ChainCommit[]>;
  file(path: string, commit: string): Promise<FileAt>;
  /** Whether `commit` is `ancestor` or comes after it. */
  descends(commit: string, ancestor: string): Promise<boolean>;
  /** Numbers of the pull requests that a commit came by. */
  pullRequestsOf(commit: string): Promise<readonly number[]>;
  pullRequest(number: number): Promise<PullRequest>;
  reviews(pullRequest: number): Promise<readonly Review[]>;
  /** Whether somebody may push to the repository. */
  mayWrite(login: string): Promise<boolean>;
}

export interface ChainCommit {
  readonly sha: string;
  readonly parents: readonly string[];
}

export type FileAt =
  | { readonly kind: 'text'; readonly text: string; readonly id: string }
  | { readonly kind: 'missing' }
  /** There is something, but no text that can be read: a folder, a link, too much, no UTF-8. */
  | { readonly kind: 'unreadable'; readonly id: string; readonly why: string };

/** As the forge tells it: GitHub says `User` for people and machine accounts, `Bot` for Apps. */
export interface Account {
  readonly login: string;
  readonly type: string;
}

export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly merged: boolean;
  readonly mergedBy: Account | null;
  /** What the merge left at the base's head: of a rebase, the last of its commits. */
  readonly mergeCommit: string | null;
  /** owner/name. */
  readonly baseRepository: string;
  readonly baseBranch: string;
  readonly head: string;
  /** How many commits it brings. */
  readonly commits: number;
}

export interface Review {
  readonly user: Account | null;
  /** APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED, PENDING. */
  readonly state: string;
  readonly commit: string | null;
}

export type ForgeTrouble =
  | 'ForgeUnreachable'
  | 'ForgeLimited'
  | 'ForgeFailing'
  | 'ForgeNonsense'
  | 'TokenRefused'
  | 'AccessDenied'
  | 'RepositoryMissing'
  | 'RepositoryMoved'
  | 'BranchMissing';

/** The forge gave no usable answer. Nothing is concluded from that; the settings stay as they are. */
export class ForgeError extends Error {
  override readonly name = 'ForgeError';

  constructor(
    readonly reason: ForgeTrouble,
    message: string,
    /** Milliseconds before it makes sense to ask again; 0: at the next poll. */
    readonly waitMs = 0,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
