import { status, type ServiceError } from '@grpc/grpc-js';
import { Error as ErrorMessage } from '@aegis/proto/v1/error';
import type { AegisError } from './base.js';
import { errorFromReply } from './catalogue.js';
import * as replica from './replica.js';

/** Where a replica puts its own error beside the gRPC status. */
const ERROR_METADATA = 'aegis-error-bin';

/**
 * What a failed gRPC call means. `endpoint` names the replica that was called.
 * Without the replica's own word a failure is indefinite, unless the call cannot have reached it.
 */
export function errorFromGrpc(failure: ServiceError, endpoint: string): AegisError {
  const [own] = failure.metadata?.get(ERROR_METADATA) ?? [];
  if (own !== undefined && typeof own !== 'string') return errorFromReply(ErrorMessage.decode(own), failure);
  const message = `${endpoint}: ${failure.details || failure.message}`;
  const cause = failure;
  switch (failure.code) {
    case status.UNAUTHENTICATED:
      return new replica.UnauthenticatedError('UNAUTHENTICATED', message, refused(cause));
    case status.PERMISSION_DENIED:
      return new replica.PermissionDeniedError('PERMISSION_DENIED', message, refused(cause));
    case status.UNIMPLEMENTED:
      return new replica.ServiceDisabledError('SERVICE_DISABLED', message, refused(cause));
    case status.INVALID_ARGUMENT:
      return new replica.InvalidRequestError('INVALID_ARGUMENT', message, refused(cause));
    case status.DEADLINE_EXCEEDED:
      return new replica.RequestTimeoutError('TIMEOUT', message, { retryable: true, definite: false, cause });
    case status.RESOURCE_EXHAUSTED:
      return new replica.OverloadedError('OVERLOADED', message, { retryable: true, definite: false, cause });
    default:
      return new replica.UnavailableError('UNAVAILABLE', message, {
        retryable: true,
        definite: false,
        cause,
      });
  }
}

function refused(cause: unknown): { retryable: false; definite: true; cause: unknown } {
  return { retryable: false, definite: true, cause };
}
