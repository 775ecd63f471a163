import { type ServerDuplexStream, type ServerUnaryCall, type ServerWritableStream } from '@grpc/grpc-js';
import type { ServerReadableStream } from '@grpc/grpc-js';

import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';
import { organizationOf } from '../tls.js';

export type Role = 'client' | 'admin';
export type AnyCall =
  | ServerUnaryCall<unknown, unknown>
  | ServerReadableStream<unknown, unknown>
  | ServerWritableStream<unknown, unknown>
  | ServerDuplexStream<unknown, unknown>;

/** Refuses a caller whose certificate has not the role. Without TLS everybody has every role (loopback only). */
export function refuseRole(call: AnyCall, needed: Role, tls: boolean): Failure | undefined {
  if (!tls) return undefined;
  const organization = organizationOf(call.getAuthContext().sslPeerCertificate);
  if (organization === undefined) return errorOf('UNAUTHENTICATED', {});
  if (organization === 'aegis:admin') return undefined;
  if (organization === 'aegis:client' && needed === 'client') return undefined;
  return errorOf('PERMISSION_DENIED', {
    method: call.getPath(),
    role: `aegis:${needed}`,
    roles: organization,
  });
}
