import { ErrorCode, type Error as ErrorMessage } from '@aegis/proto/v1/error';
import type { AegisError, ErrorFacts } from './base.js';
import * as replica from './replica.js';

type ErrorClass = new (code: string, message: string, facts: ErrorFacts) => AegisError;
type ErrorName = keyof typeof ErrorCode;

/** Which class stands for which code of the contract. */
export const ERROR_CLASSES: Readonly<Record<ErrorName, ErrorClass>> = {
  UNSPECIFIED: replica.UnknownReplicaError,
  INVALID_ARGUMENT: replica.InvalidRequestError,
  TOO_LARGE: replica.InvalidRequestError,
  INVALID_TTL: replica.InvalidRequestError,
  UNAUTHENTICATED: replica.UnauthenticatedError,
  PERMISSION_DENIED: replica.PermissionDeniedError,
  NOT_LEADER: replica.UnavailableError,
  NO_LEADER: replica.UnavailableError,
  LEADER_CHANGED: replica.UnavailableError,
  SHUTTING_DOWN: replica.UnavailableError,
  TIMEOUT: replica.RequestTimeoutError,
  OVERLOADED: replica.OverloadedError,
  SERVICE_DISABLED: replica.ServiceDisabledError,
  NO_SPACE: replica.NoSpaceError,
  CORRUPT: replica.CorruptError,
  LEASE_NOT_FOUND: replica.LeaseNotFoundError,
  LEASE_EXISTS: replica.LeaseExistsError,
  SESSION_EXPIRED: replica.SessionExpiredError,
  SESSION_WINDOW: replica.SessionWindowError,
  SESSION_RESULTS: replica.SessionWindowError,
  LOCK_KIND_MISMATCH: replica.LockKindMismatchError,
  LOCK_NOT_HELD: replica.LockNotHeldError,
  LOCK_QUEUE_FULL: replica.LockQueueFullError,
  CLAIM_MISMATCH: replica.ClaimMismatchError,
  NO_ELECTION_LEADER: replica.NoElectionLeaderError,
  NOT_ELECTION_LEADER: replica.NotElectionLeaderError,
  MEMBER_NOT_FOUND: replica.MemberNotFoundError,
  TRANSFER_FAILED: replica.TransferFailedError,
  MEMBERSHIP_BUSY: replica.MembershipBusyError,
  QUORUM_AT_RISK: replica.QuorumAtRiskError,
  LEARNER_BEHIND: replica.LearnerBehindError,
  MEMBER_EXISTS: replica.MemberExistsError,
  FOLDER_REMOVED: replica.FolderRemovedError,
  LAST_VOTER: replica.QuorumAtRiskError,
  NOT_A_VOTER: replica.MemberNotFoundError,
  VERSION_UNSUPPORTED: replica.VersionUnsupportedError,
  UNSAFE_SETTINGS: replica.UnsafeSettingsError,
  KEY_NOT_FOUND: replica.KeyNotFoundError,
  FUTURE_REVISION: replica.FutureRevisionError,
  COMPACTED: replica.CompactedError,
  TOO_MANY_OPERATIONS: replica.InvalidRequestError,
  DUPLICATE_KEY: replica.InvalidRequestError,
  RANGE_TOO_LARGE: replica.InvalidRequestError,
  QUOTA_EXCEEDED: replica.QuotaExceededError,
  BACKUP_INCOMPLETE: replica.BackupIncompleteError,
};

const NAMES = new Map<number, ErrorName>(
  (Object.keys(ErrorCode) as ErrorName[]).map((name) => [ErrorCode[name], name]),
);

/** The error that a replica's answer stands for. Codes of later versions become UnknownReplicaError. */
export function errorFromReply(reply: ErrorMessage, cause?: unknown): AegisError {
  const name = NAMES.get(reply.code);
  const kind = name === undefined ? replica.UnknownReplicaError : ERROR_CLASSES[name];
  return new kind(name ?? `CODE_${reply.code}`, reply.message, {
    retryable: reply.retryable,
    definite: reply.definite,
    cause,
  });
}
