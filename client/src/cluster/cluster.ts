import { ClusterClient, type StatusResponse, type TransferLeadershipResponse } from '@aegis/proto/v1/cluster';
import { Metadata, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import { UnavailableError, errorFromGrpc, type AegisError } from '../errors/index.js';
import { channelOptions } from '../stream/credentials.js';

export type EndpointStatus =
  | { readonly endpoint: string; readonly status: StatusResponse }
  | { readonly endpoint: string; readonly error: AegisError };

/** Administration. Status may be asked by everyone and needs no quorum; the rest needs an admin's certificate. */
export class Cluster {
  private readonly clients = new Map<string, ClusterClient>();

  constructor(
    private readonly endpoints: () => readonly string[],
    private readonly channelCredentials: ChannelCredentials,
    private readonly timeoutMs: number,
  ) {}

  /** The cluster as one replica sees it. Fails with UnavailableError or RequestTimeoutError. */
  status(endpoint: string, timeoutMs: number = this.timeoutMs): Promise<StatusResponse> {
    return new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + timeoutMs };
      this.client(endpoint).status({}, new Metadata(), options, (failure, response) => {
        if (failure === null) resolve(response);
        else reject(errorFromGrpc(failure, endpoint));
      });
    });
  }

  /** Asks every known endpoint at once; those that don't answer are in the list with their error. */
  statuses(timeoutMs: number = this.timeoutMs, endpoints = this.endpoints()): Promise<EndpointStatus[]> {
    return Promise.all(
      endpoints.map((endpoint) =>
        this.status(endpoint, timeoutMs).then(
          (status): EndpointStatus => ({ endpoint, status }),
          (error: AegisError): EndpointStatus => ({ endpoint, error }),
        ),
      ),
    );
  }

  /**
   * Hands leadership over. Fails with MemberNotFoundError, TransferFailedError (the target did not catch up in
   * time), PermissionDeniedError (not an admin's certificate), or UnavailableError when nobody leads.
   * @param targetId the member that is to lead; 0: the most caught-up one
   */
  async transferLeadership(targetId: number = 0): Promise<TransferLeadershipResponse> {
    const statuses = await this.statuses(Math.min(this.timeoutMs, 2_000));
    const leader = leaderAddress(statuses);
    if (leader === undefined) {
      const message = `no replica of ${this.endpoints().join(', ')} knows of a leader`;
      throw new UnavailableError('NO_LEADER', message, { retryable: true, definite: true });
    }
    return new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + this.timeoutMs };
      const done = (failure: ServiceError | null, response: TransferLeadershipResponse): void => {
        if (failure === null) resolve(response);
        else reject(errorFromGrpc(failure, leader));
      };
      this.client(leader).transferLeadership({ targetId }, new Metadata(), options, done);
    });
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
  }

  private client(endpoint: string): ClusterClient {
    let client = this.clients.get(endpoint);
    if (client === undefined) {
      client = new ClusterClient(endpoint, this.channelCredentials, channelOptions(endpoint));
      this.clients.set(endpoint, client);
    }
    return client;
  }
}

/** The client address of the leader of the newest term that any replica knows of. */
function leaderAddress(statuses: readonly EndpointStatus[]): string | undefined {
  let newest: StatusResponse | undefined;
  for (const answer of statuses) {
    if (!('status' in answer) || answer.status.leaderId === 0) continue;
    if (newest === undefined || answer.status.term > newest.term) newest = answer.status;
  }
  return newest?.members.find(({ id }) => id === newest.leaderId)?.clientAddress;
}
