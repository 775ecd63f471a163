/** What a reason stands for, and what a person does about it. The page docs/config-source.md lists just these. */
interface ReasonEntry {
  /** `hold`: a person must act. `wait`: nothing can be said yet. */
  readonly kind: 'hold' | 'wait';
  readonly advice: string;
}

const RESTORE =
  'Restore spec.consensus to the settings that run by a pull request (a revert will do), then propose the change again.';
const LATER = 'Nothing has to be done: the operator asks again by itself, and the settings stay as they are.';

/** Why settings are not taken over: the reason of the condition ConfigInSync. */
export const REASONS = {
  DirectPush: { kind: 'hold', advice: `${RESTORE} Or set spec.configSource.allowDirectPush.` },
  MergedElsewhere: { kind: 'hold', advice: RESTORE },
  MergedByAgent: {
    kind: 'hold',
    advice: `${RESTORE} Take the agent's right to merge away: it must only propose.`,
  },
  MergedByBot: {
    kind: 'hold',
    advice: `${RESTORE} A person has to merge; a merge queue's bot counts if spec.configSource.mergeBots lists it.`,
  },
  MergerUnknown: { kind: 'hold', advice: RESTORE },
  NotApproved: {
    kind: 'hold',
    advice: `${RESTORE} What a merge queue merges needs the approval of a person with write access, of just the head that was merged.`,
  },
  HistoryRewritten: {
    kind: 'hold',
    advice:
      'Put the lost commit back onto the branch, or take spec.configSource out of the cluster and put it in again: that begins anew with the newest change.',
  },
  HistoryTooLong: { kind: 'hold', advice: RESTORE },
  UnsafeSettings: { kind: 'hold', advice: 'Merge a pull request that mends or reverts the settings.' },
  InvalidSettings: { kind: 'hold', advice: 'Merge a pull request that mends the document.' },
  InvalidDocument: { kind: 'hold', advice: 'Merge a pull request that mends the file.' },
  DuplicateDocument: {
    kind: 'hold',
    advice:
      'Keep one document of this kind, namespace and name in the file; remove the others by a pull request.',
  },
  DocumentMissing: {
    kind: 'hold',
    advice: 'Add the document to the file by a pull request, or mend spec.configSource.path.',
  },
  FileMissing: {
    kind: 'hold',
    advice: 'Add the file by a pull request, or mend spec.configSource.path or branch.',
  },
  ReadingHistory: { kind: 'wait', advice: LATER },
  ForgeUnreachable: {
    kind: 'wait',
    advice: `${LATER} If it lasts, look at spec.configSource.apiUrl and the network.`,
  },
  ForgeLimited: {
    kind: 'wait',
    advice: `${LATER} If it recurs, raise pollSeconds or give a token of its own.`,
  },
  ForgeFailing: { kind: 'wait', advice: LATER },
  ForgeNonsense: {
    kind: 'wait',
    advice: `${LATER} If it lasts, look at what answers at spec.configSource.apiUrl: a proxy or a login page may stand in between.`,
  },
  TokenRefused: {
    kind: 'wait',
    advice: 'Put a valid token into the key `token` of the Secret that spec.configSource.secretName names.',
  },
  AccessDenied: {
    kind: 'wait',
    advice: 'Give the token read access to contents, pull requests and metadata of the repository.',
  },
  RepositoryMissing: {
    kind: 'wait',
    advice:
      'Mend spec.configSource.repository, or give a token that can see it: GitHub hides what a token may not read.',
  },
  RepositoryMoved: {
    kind: 'wait',
    advice: "Write the repository's new name into spec.configSource.repository.",
  },
  BranchMissing: { kind: 'wait', advice: 'Mend spec.configSource.branch, or create the branch.' },
} as const satisfies Readonly<Record<string, ReasonEntry>>;

export type Reason = keyof typeof REASONS;

/** Of the status of a resource. */
const MESSAGE_CHARACTERS_MAX = 4096;

export interface HoldCondition {
  readonly type: 'ConfigInSync';
  readonly status: 'False' | 'Unknown';
  readonly reason: Reason;
  /** What is wrong, where, and what to do. */
  readonly message: string;
}

export function conditionOf(reason: Reason, what: string): HoldCondition {
  const { kind, advice }: ReasonEntry = REASONS[reason];
  const room = MESSAGE_CHARACTERS_MAX - advice.length - 3;
  const said = what.length > room ? `${what.slice(0, room)}…` : what;
  const status = kind === 'hold' ? 'False' : 'Unknown';
  return { type: 'ConfigInSync', status, reason, message: `${said} ${advice}` };
}
