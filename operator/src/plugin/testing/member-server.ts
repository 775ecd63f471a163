import type { KeyPair } from '@aegis/client/certificates';
import { ClusterService, StatusResponse, type ClusterServer } from '@aegis/proto/v1/cluster';
import { Server, ServerCredentials, status, type ServerUnaryCall } from '@grpc/grpc-js';

/** What the members of a cluster agree on. */
export interface Place {
  leader: number;
  term: number;
}

/** The Cluster service of one member, with mutual TLS and roles: a status, and leadership that an admin hands over. */
export async function startMember(
  id: number,
  place: Place,
  ca: string,
  own: KeyPair,
): Promise<{ port: number; stop: () => void }> {
  const isAdmin = (call: ServerUnaryCall<unknown, unknown>): boolean =>
    String(call.getAuthContext().sslPeerCertificate?.subject.O) === 'aegis:admin';
  const implementation: Pick<ClusterServer, 'status' | 'transferLeadership'> = {
    status: (_call, done) => {
      const role = place.leader === id ? 'leader' : 'follower';
      const known = { memberId: id, leaderId: place.leader, term: place.term, role, version: '0.1.0' };
      done(null, StatusResponse.fromPartial({ ...known, commitIndex: 70, appliedIndex: 70 }));
    },
    transferLeadership: (call, done) => {
      if (!isAdmin(call)) return done({ code: status.PERMISSION_DENIED, details: 'not an admin' });
      if (place.leader !== id) return done({ code: status.FAILED_PRECONDITION, details: 'not the leader' });
      place.leader = call.request.targetId || (id % 3) + 1;
      place.term++;
      done(null, { leaderId: place.leader, term: place.term });
    },
  };
  const server = new Server();
  server.addService(ClusterService, implementation);
  const pair = { cert_chain: Buffer.from(own.cert), private_key: Buffer.from(own.key) };
  const credentials = ServerCredentials.createSsl(Buffer.from(ca), [pair], true);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, stop: () => server.forceShutdown() };
}
