import { AegisError, type ErrorFacts } from './base.js';

/** The request itself is wrong: a bad name, TTL or number, or too large. */
export class InvalidRequestError extends AegisError {}
/** No certificate that the replica knows. */
export class UnauthenticatedError extends AegisError {}
/** The certificate's role may not do this. */
export class PermissionDeniedError extends AegisError {}
/** No replica could serve the request now: no leader, a change of leader, a stop, or no way to reach one. */
export class UnavailableError extends AegisError {}
/** No answer in time. */
export class RequestTimeoutError extends AegisError {}
/** Too much is waiting, in a replica or in this client. */
export class OverloadedError extends AegisError {}
/** The cluster's profile does not open this service. */
export class ServiceDisabledError extends AegisError {}
/** The cluster's disk or quota is full: growth is refused, releases and keepalives go on. */
export class NoSpaceError extends AegisError {}
/** The replicas' states differ: writes are refused until an operator has looked. */
export class CorruptError extends AegisError {}
/** There is no such lease: it expired, was revoked, or never was. */
export class LeaseNotFoundError extends AegisError {}
/** The id chosen for a new lease is taken. */
export class LeaseExistsError extends AegisError {}
/** The session is over, and with it every lock and leadership that it held. */
export class SessionExpiredError extends AegisError {}
/** Too many calls of one session are unanswered. */
export class SessionWindowError extends AegisError {}
/** The lock is in use with another mode or number of permits. */
export class LockKindMismatchError extends AegisError {}
/** The claim does not hold the lock. */
export class LockNotHeldError extends AegisError {}
/** Too many wait for this lock already. */
export class LockQueueFullError extends AegisError {}
/** The same claim was made before with other arguments. */
export class ClaimMismatchError extends AegisError {}
/** Nobody leads the election. */
export class NoElectionLeaderError extends AegisError {}
/** Someone else leads the election, or nobody does. */
export class NotElectionLeaderError extends AegisError {}
/** The cluster has no member with this id. */
export class MemberNotFoundError extends AegisError {}
/** Leadership did not move to the member asked for. */
export class TransferFailedError extends AegisError {}
/** Another change of the membership is under way. */
export class MembershipBusyError extends AegisError {}
/** Too few live voters would be left: the message says which are live, and what to do. */
export class QuorumAtRiskError extends AegisError {}
/** The learner has not caught up yet. */
export class LearnerBehindError extends AegisError {}
/** Another member has this address, name or folder. */
export class MemberExistsError extends AegisError {}
/** The folder is that of a member that was removed. */
export class FolderRemovedError extends AegisError {}
/** A member's software does not know the version, or the member is not connected. */
export class VersionUnsupportedError extends AegisError {}
export class UnsafeSettingsError extends AegisError {}
/** A put was to keep the value or the lease of a key that does not exist. */
export class KeyNotFoundError extends AegisError {}
/** The revision asked for is yet to come. */
export class FutureRevisionError extends AegisError {}
/** The revision asked for is given up: read or watch from a later one. */
export class CompactedError extends AegisError {
  /** Where history begins: read or watch from here. Known when a watch ends with it; else the message tells. */
  readonly compactedRevision: number | undefined;

  constructor(code: string, message: string, facts: ErrorFacts & { readonly compactedRevision?: number }) {
    super(code, message, facts);
    this.compactedRevision = facts.compactedRevision;
  }
}
/** The keys and their history have reached the quota of the cluster. */
export class QuotaExceededError extends AegisError {}
/** A backup ended before it was whole: what came of it is of no use. */
export class BackupIncompleteError extends AegisError {}
/** An error code that this version of the client does not know. */
export class UnknownReplicaError extends AegisError {}
