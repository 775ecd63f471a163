import type {
  AddLearnerRequest,
  MembershipResponse,
  PromoteRequest,
  RemoveRequest,
  StatusRequest,
  StatusResponse,
} from '@aegis/proto/v1/cluster';
import type { handleUnaryCall, ServerUnaryCall, ServiceError } from '@grpc/grpc-js';

import type { Claims } from '../server/api/claims.js';
import { clusterService, type ClusterServiceParts } from '../server/api/cluster-service.js';
import type { Operations } from '../server/api/operations.js';
import { Handlers } from '../server/api/unary.js';

/** How a unary call ends: with an answer, or the error that gRPC would carry. */
export type AdminAnswer<A> = (failure: ServiceError | undefined, answer: A | undefined) => void;

/** The Cluster service of one life of a member, as an administrator's calls reach it. */
export interface AdminPort {
  status(request: StatusRequest, answer: AdminAnswer<StatusResponse>): void;
  addLearner(request: AddLearnerRequest, answer: AdminAnswer<MembershipResponse>): void;
  promote(request: PromoteRequest, answer: AdminAnswer<MembershipResponse>): void;
  remove(request: RemoveRequest, answer: AdminAnswer<MembershipResponse>): void;
}

/** The real service, without a gRPC server around it. */
export function adminPort(
  parts: ClusterServiceParts & { readonly operations: Operations; readonly claims: Claims },
): AdminPort {
  const service = clusterService(new Handlers(parts.operations, parts.claims, false), parts);
  return {
    status: bare(service.status),
    addLearner: bare(service.addLearner),
    promote: bare(service.promote),
    remove: bare(service.remove),
  };
}

function bare<Q, A>(handler: handleUnaryCall<Q, A>): (request: Q, answer: AdminAnswer<A>) => void {
  return (request, answer) =>
    handler({ request } as ServerUnaryCall<Q, A>, (failure, value) =>
      answer((failure as ServiceError | null) ?? undefined, value ?? undefined),
    );
}
