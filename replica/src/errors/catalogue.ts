import type { status } from '@grpc/grpc-js';
import { ErrorCode } from '@aegis/proto/v1/error';

/** A line of the table. Its key is the name of the code in aegis/v1/error.proto. */
export interface ErrorKind {
  readonly code: ErrorCode;
  readonly grpc: keyof typeof status;
  /** Whether the same request may succeed if it is sent again. */
  readonly retryable: boolean;
  /** True: the request certainly had and will have no effect. */
  readonly definite: boolean;
  /** What is wrong, where, and what to do; {names} are filled in. */
  readonly message: string;
}

/**
 * Every error that the data plane can answer with.
 *
 * Results of commands are replicated state, their messages included. So the texts of those that `apply` can come to
 * are fixed by the state machine version, like everything else that it does (a test pins them).
 */
export const ERRORS = {
  INVALID_ARGUMENT: {
    code: ErrorCode.INVALID_ARGUMENT,
    grpc: 'INVALID_ARGUMENT',
    retryable: false,
    definite: true,
    message: '{field} is {value}; it must be {expected}.',
  },
  TOO_LARGE: {
    code: ErrorCode.TOO_LARGE,
    grpc: 'INVALID_ARGUMENT',
    retryable: false,
    definite: true,
    message: '{what} has {size}; at most {limit} are taken. Send less at once.',
  },
  UNAUTHENTICATED: {
    code: ErrorCode.UNAUTHENTICATED,
    grpc: 'UNAUTHENTICATED',
    retryable: false,
    definite: true,
    message: 'No client certificate of this cluster was shown. Connect with one that its authority signed.',
  },
  PERMISSION_DENIED: {
    code: ErrorCode.PERMISSION_DENIED,
    grpc: 'PERMISSION_DENIED',
    retryable: false,
    definite: true,
    message: '{method} needs the role {role}, and this certificate has {roles}.',
  },
  NOT_LEADER: {
    code: ErrorCode.NOT_LEADER,
    grpc: 'UNAVAILABLE',
    retryable: true,
    definite: true,
    message: 'This replica does not lead. Ask the leader that the error names, or any other replica.',
  },
  NO_LEADER: {
    code: ErrorCode.NO_LEADER,
    grpc: 'UNAVAILABLE',
    retryable: true,
    definite: true,
    message: 'This replica knows of no leader: an election is under way, or it is cut off from the quorum.',
  },
  LEADER_CHANGED: {
    code: ErrorCode.LEADER_CHANGED,
    grpc: 'UNAVAILABLE',
    retryable: true,
    definite: false,
    message:
      'The leader changed before the request was known to be committed. It may have taken effect, or yet do so.',
  },
  TIMEOUT: {
    code: ErrorCode.TIMEOUT,
    grpc: 'DEADLINE_EXCEEDED',
    retryable: true,
    definite: false,
    message: 'No answer within {ms} ms. The request may have taken effect, or yet do so.',
  },
  OVERLOADED: {
    code: ErrorCode.OVERLOADED,
    grpc: 'RESOURCE_EXHAUSTED',
    retryable: true,
    definite: true,
    message: '{what} is at its limit of {limit}. Try again later, with a pause that grows.',
  },
  SHUTTING_DOWN: {
    code: ErrorCode.SHUTTING_DOWN,
    grpc: 'UNAVAILABLE',
    retryable: true,
    definite: true,
    message: 'This replica is shutting down. Ask another one.',
  },
  SERVICE_DISABLED: {
    code: ErrorCode.SERVICE_DISABLED,
    grpc: 'UNIMPLEMENTED',
    retryable: false,
    definite: true,
    message: '{service} is not open in the profile {profile} of this cluster.',
  },
  NO_SPACE: {
    code: ErrorCode.NO_SPACE,
    grpc: 'RESOURCE_EXHAUSTED',
    retryable: false,
    definite: true,
    message:
      'The disk {members} is full: reads, deletes, releases and keepalives go on, growth is refused until there is room.',
  },
  CORRUPT: {
    code: ErrorCode.CORRUPT,
    grpc: 'DATA_LOSS',
    retryable: false,
    definite: true,
    message:
      'The members disagree about the state, and no state has a quorum: writes are refused until an operator has looked (aegis hash) and cleared it (aegis alarms clear).',
  },
  LEASE_NOT_FOUND: {
    code: ErrorCode.LEASE_NOT_FOUND,
    grpc: 'NOT_FOUND',
    retryable: false,
    definite: true,
    message: 'Lease {lease} does not exist: it expired, was revoked or was never granted. Grant a new one.',
  },
  LEASE_EXISTS: {
    code: ErrorCode.LEASE_EXISTS,
    grpc: 'ALREADY_EXISTS',
    retryable: false,
    definite: true,
    message: 'Lease {lease} exists already. Choose another id, or 0 to be given one.',
  },
  INVALID_TTL: {
    code: ErrorCode.INVALID_TTL,
    grpc: 'INVALID_ARGUMENT',
    retryable: false,
    definite: true,
    message: 'A TTL of {ttl} ms is outside of the bounds of this cluster, {min} to {max} ms.',
  },
  SESSION_EXPIRED: {
    code: ErrorCode.SESSION_EXPIRED,
    grpc: 'ABORTED',
    retryable: false,
    definite: false,
    message:
      'Call {sequence} of session {lease} can be neither answered nor made: {reason}. ' +
      'An earlier copy of it may have taken effect. Read how things stand before doing it again.',
  },
  SESSION_WINDOW: {
    code: ErrorCode.SESSION_WINDOW,
    grpc: 'RESOURCE_EXHAUSTED',
    retryable: true,
    definite: true,
    message:
      'Call {sequence} of session {lease} is {window} or more ahead of {lowest}, the lowest unanswered. Wait for answers first.',
  },
  SESSION_RESULTS: {
    code: ErrorCode.SESSION_RESULTS,
    grpc: 'RESOURCE_EXHAUSTED',
    retryable: true,
    definite: true,
    message:
      'Session {lease} has left results of {bytes} bytes unacknowledged, and {limit} are kept. Send the lowest unanswered sequence first.',
  },
  LOCK_KIND_MISMATCH: {
    code: ErrorCode.LOCK_KIND_MISMATCH,
    grpc: 'FAILED_PRECONDITION',
    retryable: false,
    definite: true,
    message: 'Lock "{name}" is in use as {kind}. All claims on a lock in use must agree.',
  },
  LOCK_NOT_HELD: {
    code: ErrorCode.LOCK_NOT_HELD,
    grpc: 'FAILED_PRECONDITION',
    retryable: false,
    definite: true,
    message: 'Lock "{name}" is not held by claim {claim} of lease {lease}.',
  },
  LOCK_QUEUE_FULL: {
    code: ErrorCode.LOCK_QUEUE_FULL,
    grpc: 'RESOURCE_EXHAUSTED',
    retryable: true,
    definite: true,
    message: 'No room for a claim on "{name}": {what} is at the limit of {limit}. Release or wait first.',
  },
  CLAIM_MISMATCH: {
    code: ErrorCode.CLAIM_MISMATCH,
    grpc: 'FAILED_PRECONDITION',
    retryable: false,
    definite: true,
    message:
      'Claim {claim} of lease {lease} on "{name}" exists as {kind}. Release it first, or use another claim number.',
  },
  NO_ELECTION_LEADER: {
    code: ErrorCode.NO_ELECTION_LEADER,
    grpc: 'NOT_FOUND',
    retryable: true,
    definite: true,
    message: 'Nobody leads election "{name}".',
  },
  NOT_ELECTION_LEADER: {
    code: ErrorCode.NOT_ELECTION_LEADER,
    grpc: 'FAILED_PRECONDITION',
    retryable: false,
    definite: true,
    message: 'Claim {claim} of lease {lease} does not lead election "{name}". Campaign first.',
  },
  MEMBER_NOT_FOUND: {
    code: ErrorCode.MEMBER_NOT_FOUND,
    grpc: 'NOT_FOUND',
    retryable: false,
    definite: true,
    message: 'Member {member} is not in this cluster.',
  },
  TRANSFER_FAILED: {
    code: ErrorCode.TRANSFER_FAILED,
    grpc: 'UNAVAILABLE',
    retryable: true,
    definite: false,
    message: 'Leadership did not pass to member {member} in time. Look at Status: it may yet pass.',
  },
  MEMBERSHIP_BUSY: {
    code: ErrorCode.MEMBERSHIP_BUSY,
    grpc: 'FAILED_PRECONDITION',
    retryable: true,
    definite: true,
    message: 'Another change of the membership is under way. Ask again when it is done.',
  },
  QUORUM_AT_RISK: {
    code: ErrorCode.QUORUM_AT_RISK,
    grpc: 'FAILED_PRECONDITION',
    retryable: true,
    definite: true,
    message:
      'Refused: the voters would be {voters}; {needed} of them have to be live, and those that are: {live}. ' +
      'Bring members back, or add and promote others, before this change.',
  },
  LEARNER_BEHIND: {
    code: ErrorCode.LEARNER_BEHIND,
    grpc: 'FAILED_PRECONDITION',
    retryable: true,
    definite: true,
    message: 'Learner {member} is not caught up: {why}. Promote it when it is.',
  },
  MEMBER_EXISTS: {
    code: ErrorCode.MEMBER_EXISTS,
    grpc: 'ALREADY_EXISTS',
    retryable: false,
    definite: true,
    message: '{what} {value} belongs to member {member}. Use another one, or remove that member first.',
  },
  FOLDER_REMOVED: {
    code: ErrorCode.FOLDER_REMOVED,
    grpc: 'FAILED_PRECONDITION',
    retryable: false,
    definite: true,
    message:
      'Nonce {nonce} is that of a member that was removed, and is never taken back. Start with an empty folder.',
  },
  LAST_VOTER: {
    code: ErrorCode.LAST_VOTER,
    grpc: 'FAILED_PRECONDITION',
    retryable: false,
    definite: true,
    message: 'Member {member} is the only voter. Add another member and promote it first.',
  },
  NOT_A_VOTER: {
    code: ErrorCode.NOT_A_VOTER,
    grpc: 'FAILED_PRECONDITION',
    retryable: false,
    definite: true,
    message: 'Member {member} is no voter that could be replaced. Remove it, or name a voter.',
  },
  VERSION_UNSUPPORTED: {
    code: ErrorCode.VERSION_UNSUPPORTED,
    grpc: 'FAILED_PRECONDITION',
    retryable: true,
    definite: true,
    message:
      'Not every member is known to have software of state machine version {version}: {lacking}. Upgrade and start them, or remove them, first.',
  },
  UNSAFE_SETTINGS: {
    code: ErrorCode.UNSAFE_SETTINGS,
    grpc: 'INVALID_ARGUMENT',
    retryable: false,
    definite: true,
    message: 'Beside those of the leader these settings are not safe: {why}.',
  },
  KEY_NOT_FOUND: {
    code: ErrorCode.KEY_NOT_FOUND,
    grpc: 'NOT_FOUND',
    retryable: false,
    definite: true,
    message: 'The key does not exist, so it has no value or lease to keep.',
  },
  FUTURE_REVISION: {
    code: ErrorCode.FUTURE_REVISION,
    grpc: 'OUT_OF_RANGE',
    retryable: false,
    definite: true,
    message: 'Revision {revision} is yet to come: the store is at {newest}.',
  },
  COMPACTED: {
    code: ErrorCode.COMPACTED,
    grpc: 'OUT_OF_RANGE',
    retryable: false,
    definite: true,
    message: 'Revision {revision} is compacted: history begins at {compacted}.',
  },
  TOO_MANY_OPERATIONS: {
    code: ErrorCode.TOO_MANY_OPERATIONS,
    grpc: 'INVALID_ARGUMENT',
    retryable: false,
    definite: true,
    message: 'The transaction has {count} comparisons or operations in one list; at most {limit} are taken.',
  },
  DUPLICATE_KEY: {
    code: ErrorCode.DUPLICATE_KEY,
    grpc: 'INVALID_ARGUMENT',
    retryable: false,
    definite: true,
    message: 'The transaction changes a key twice. Put or delete each key once.',
  },
  QUOTA_EXCEEDED: {
    code: ErrorCode.QUOTA_EXCEEDED,
    grpc: 'RESOURCE_EXHAUSTED',
    retryable: false,
    definite: true,
    message:
      'The keys and their history hold {bytes} bytes, and the quota is {quota}. Delete keys, compact, or raise the quota.',
  },
  RANGE_TOO_LARGE: {
    code: ErrorCode.RANGE_TOO_LARGE,
    grpc: 'INVALID_ARGUMENT',
    retryable: false,
    definite: true,
    message:
      'The request reads {bytes} bytes of keys; at most {limit} are read at once. Set a limit and read in pages.',
  },
  BACKUP_INCOMPLETE: {
    code: ErrorCode.BACKUP_INCOMPLETE,
    grpc: 'ABORTED',
    retryable: true,
    definite: true,
    message:
      'The backup ended before it was whole: {reason}. What came of it is of no use. Ask again, or another replica.',
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorName = keyof typeof ERRORS;
