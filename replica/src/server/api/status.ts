import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { type ErrorCode, Error as WireError } from '@aegis/proto/v1/error';

import { type ErrorKind, ERRORS } from '../../errors/index.js';

/** Trailing metadata in which a unary call's failure carries the whole error of the table. */
export const ERROR_TRAILER = 'aegis-error-bin';

const STATUS = new Map<ErrorCode, status>(
  Object.values(ERRORS).map((kind: ErrorKind) => [kind.code, status[kind.grpc]]),
);

/** A failure as gRPC reports it. */
export function statusError(failed: WireError): ServiceError {
  const metadata = new Metadata();
  metadata.set(ERROR_TRAILER, Buffer.from(WireError.encode(failed).finish()));
  const code = STATUS.get(failed.code) ?? status.UNKNOWN;
  return Object.assign(new Error(failed.message), { code, details: failed.message, metadata });
}

/**
 * Ends a streaming call with a failure. By the event, never by `destroy`: grpc-js answers `error` by sending the
 * status, while a call that is destroyed says nothing and leaves its client waiting.
 */
export function endCall(
  call: { emit(event: 'error', error: ServiceError): boolean },
  error: ServiceError,
): void {
  call.emit('error', error);
}
