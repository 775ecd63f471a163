import { ClusterClient, type TransferLeadershipResponse } from '@aegis/proto/v1/cluster';
import { Error as Failure } from '@aegis/proto/v1/error';
import { type ChannelCredentials, Metadata } from '@grpc/grpc-js';

/** Asks for a transfer of leadership: the answer, or the error of the table that came with the refusal. */
export function transferLeadership(
  address: string,
  as: ChannelCredentials,
): Promise<TransferLeadershipResponse | Failure> {
  const client = new ClusterClient(address, as, { 'grpc.use_local_subchannel_pool': 1 });
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + 10_000 };
    client.transferLeadership({ targetId: 0 }, new Metadata(), options, (error, response) => {
      client.close();
      if (error === null) return resolve(response);
      const [own] = error.metadata.get('aegis-error-bin');
      if (own === undefined || typeof own === 'string') reject(error);
      else resolve(Failure.decode(own));
    });
  });
}
