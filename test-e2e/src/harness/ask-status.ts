import { ClusterClient, type StatusResponse } from '@aegis/proto/v1/cluster';
import { type ChannelCredentials, credentials, Metadata } from '@grpc/grpc-js';

/** Asks one replica how it is, on a connection of its own; undefined: it did not answer. */
export function askStatus(
  address: string,
  as: ChannelCredentials = credentials.createInsecure(),
  withinMs = 1_000,
): Promise<StatusResponse | undefined> {
  const client = new ClusterClient(address, as, { 'grpc.use_local_subchannel_pool': 1 });
  return new Promise((resolve) => {
    client.status({}, new Metadata(), { deadline: Date.now() + withinMs }, (error, response) => {
      client.close();
      resolve(error === null ? response : undefined);
    });
  });
}
