import type { Family, Patch } from '@aegis/replica/settings';

/** Whose settings a proposal is about. */
export interface Target {
  /** Drawn once for a cluster: another cluster of the same name is another one. */
  readonly clusterId: string;
  readonly namespace: string;
  readonly cluster: string;
}

/** A proposal as a forge shows it. The same page published again changes nothing. */
export interface ProposalPage {
  readonly target: Target;
  readonly family: Family;
  readonly patch: Patch;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  readonly labels: readonly string[];
}

export interface PostmortemPage {
  readonly target: Target;
  /** Of the incident; unique in its cluster. */
  readonly incident: string;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  readonly labels: readonly string[];
  /** Whether everything is settled, so that the issue may be closed. */
  readonly closed: boolean;
}

/** How a proposal stands. */
export interface RequestState {
  /** Of a pull request; the local forge has none. */
  readonly number: number | undefined;
  readonly url: string;
  readonly branch: string;
  readonly state: 'Open' | 'Closed' | 'Merged';
  /** Who merged it, as the forge names them. */
  readonly mergedBy?: string;
  /** The commit of the merge. */
  readonly commit?: string;
  /** The head that it proposes now. */
  readonly head: string;
  /** Somebody else changed the branch: nobody but them may change it further. */
  readonly takenOver: boolean;
  /** It cannot be merged as it is; undefined: the forge does not say. */
  readonly conflicts?: boolean;
}

export interface Published extends RequestState {
  /** What this call did. */
  readonly did: 'opened' | 'updated' | 'nothing' | 'left-to-its-human';
}

export interface IssueState {
  readonly number: number | undefined;
  readonly url: string;
  readonly did: 'opened' | 'updated' | 'nothing';
}

/**
 * Where proposals and postmortems go. It can propose, and has no way to merge. Every call may be repeated, and may be cut off at any
 * point: the next one finds what is there and goes on. All throw ForgeRefusal for what a person has to mend, and ForgeError for what
 * passes.
 */
export interface Forge {
  /** Whether this identity can propose and cannot merge. Asked once, before anything else. */
  check(): Promise<void>;
  publish(page: ProposalPage): Promise<Published>;
  /** Undefined: there was never such a proposal. */
  stateOf(target: Target, family: Family): Promise<RequestState | undefined>;
  /** Closes an open proposal. One that is not open, or that a person took over, is left as it is. */
  withdraw(target: Target, family: Family, reason: string): Promise<RequestState | undefined>;
  postmortem(page: PostmortemPage): Promise<IssueState>;
}

export type RefusalReason =
  | 'IdentityMayMerge'
  | 'RulesUnknown'
  | 'BranchUnprotected'
  | 'ForkMissing'
  | 'FileMissing'
  | 'InvalidDocument'
  | 'NothingChanges'
  | 'BranchForbidden';

/** A person has to mend something; asking again does not help. */
export class ForgeRefusal extends Error {
  override readonly name = 'ForgeRefusal';

  constructor(
    readonly reason: RefusalReason,
    message: string,
  ) {
    super(message);
  }
}
