import type { Account } from './forge.js';
import type { Change, ChangeRequest } from './history.js';
import type { Reason } from './reasons.js';

/** Whose merge counts. */
export interface Authority {
  /** owner/name. */
  readonly repository: string;
  readonly branch: string;
  readonly allowDirectPush: boolean;
  /** Logins of merge queues' bots. */
  readonly mergeBots: readonly string[];
  /** Every login of the agent. */
  readonly agentLogins: readonly string[];
}

export interface Refusal {
  readonly reason: Reason;
  readonly message: string;
}

export type Ruling =
  | { readonly passed: true; readonly request: ChangeRequest | undefined }
  | ({ readonly passed: false } & Refusal);

/** Whether a person put a change onto the branch. One request that does suffices. */
export function ruleOn(change: Change, authority: Authority): Ruling {
  const here = change.pullRequests.filter((request) => isMergedHere(request, authority));
  const rulings = here.map((request) => ruleOnMerge(change.commit, request, authority));
  const refused = rulings.find(({ passed }) => !passed);
  const passed = rulings.find(({ passed }) => passed);
  if (passed !== undefined) return passed;
  if (refused !== undefined) return refused;
  if (authority.allowDirectPush) return { passed: true, request: undefined };
  const elsewhere = change.pullRequests.find(({ merged }) => merged);
  if (elsewhere !== undefined) {
    const { number, baseRepository, baseBranch } = elsewhere;
    const place = `${baseRepository}, branch ${baseBranch}`;
    return no(
      'MergedElsewhere',
      `${short(change)} came by pull request #${number}, which was merged into ${place}, and not by a merge into this branch.`,
    );
  }
  return no('DirectPush', `${short(change)} changes spec.consensus and came by no merged pull request.`);
}

function isMergedHere(request: ChangeRequest, { repository, branch }: Authority): boolean {
  const { merged, covers, baseRepository, baseBranch } = request;
  return merged && covers && baseBranch === branch && sameName(baseRepository, repository);
}

function ruleOnMerge(commit: string, request: ChangeRequest, authority: Authority): Ruling {
  const what = `Pull request #${request.number} (commit ${commit.slice(0, 12)})`;
  const merger = request.mergedBy;
  if (merger === null) return no('MergerUnknown', `${what} was merged, but GitHub does not say by whom.`);
  if (isAgent(merger, authority))
    return no('MergedByAgent', `${what} was merged by the agent itself, ${merger.login}.`);
  if (merger.type === 'User') return { passed: true, request };
  if (!isMergeBot(merger, authority)) {
    return no('MergedByBot', `${what} was merged by ${merger.login}, which is no person (${merger.type}).`);
  }
  if (approvers(request, authority).length > 0) return { passed: true, request };
  const head = request.head.slice(0, 12);
  return no(
    'NotApproved',
    `${what} was merged by the bot ${merger.login}, and no person with write access approved its head ${head}.`,
  );
}

/** People whose last word on the head that was merged is an approval. */
function approvers(request: ChangeRequest, authority: Authority): string[] {
  const lastWord = new Map<string, ChangeRequest['reviews'][number]>();
  for (const review of request.reviews) {
    const { user, state } = review;
    if (user !== null && state !== 'COMMENTED' && state !== 'PENDING')
      lastWord.set(user.login.toLowerCase(), review);
  }
  const counting = [...lastWord].filter(([, { user, state, commit, mayWrite }]) => {
    if (state !== 'APPROVED' || commit !== request.head || !mayWrite) return false;
    return user?.type === 'User' && !isAgent(user, authority);
  });
  return counting.map(([login]) => login);
}

/** Whether the reviews of a request can matter, so that they are asked for. */
export function needsReviews(request: { readonly mergedBy: Account | null }, authority: Authority): boolean {
  const merger = request.mergedBy;
  return (
    merger !== null && merger.type !== 'User' && !isAgent(merger, authority) && isMergeBot(merger, authority)
  );
}

function isAgent(account: Account, { agentLogins }: Authority): boolean {
  return agentLogins.some((login) => isLogin(account, login));
}

function isMergeBot(account: Account, { mergeBots }: Authority): boolean {
  return account.type === 'Bot' && mergeBots.some((login) => isLogin(account, login));
}

/** An App may be written as `name` or as `name[bot]`; only of a bot the suffix can be left out. */
function isLogin({ login, type }: Account, written: string): boolean {
  return sameName(login, written) || (type === 'Bot' && sameName(login, `${written}[bot]`));
}

/** GitHub's names do not tell cases apart. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function short({ commit }: Change): string {
  return `Commit ${commit.slice(0, 12)}`;
}

function no(reason: Reason, message: string): Ruling {
  return { passed: false, reason, message };
}
