import { SessionClient, type SessionRequest, type SessionResponse } from '@aegis/proto/v1/session';
import {
  Metadata,
  status,
  type ChannelCredentials,
  type ClientDuplexStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { errorFromGrpc } from '../errors/index.js';
import { channelCredentials, channelOptions, type TlsOptions } from './credentials.js';
import type { Stream, StreamListener, Transport } from './transport.js';

/** Session streams over gRPC, each on a socket of its own. */
export class GrpcTransport implements Transport {
  private readonly channelCredentials: ChannelCredentials;

  constructor(private readonly tls: TlsOptions | undefined) {
    this.channelCredentials = channelCredentials(tls);
  }

  open(endpoint: string, listener: StreamListener): Stream {
    return new GrpcStream(endpoint, this.channelCredentials, this.tls !== undefined, listener);
  }
}

class GrpcStream implements Stream {
  private readonly client: SessionClient;
  private readonly call: ClientDuplexStream<SessionRequest, SessionResponse>;
  private over = false;
  private heard = false;

  constructor(
    private readonly endpoint: string,
    channelCredentials: ChannelCredentials,
    private readonly secure: boolean,
    private readonly listener: StreamListener,
  ) {
    this.client = new SessionClient(endpoint, channelCredentials, channelOptions(endpoint));
    this.call = this.client.open();
    this.call.on('data', (frame: SessionResponse) => {
      this.heard = true;
      if (!this.over) this.listener.onFrame(frame);
    });
    this.call.on('drain', () => {
      if (!this.over) this.listener.onDrain();
    });
    this.call.on('error', (failure: ServiceError) => this.end(failure));
    // The replica's orderly end of the stream: a client has no reason to expect one.
    this.call.on('end', () => setImmediate(() => this.end(endedByReplica())));
  }

  write(frame: SessionRequest): boolean {
    return this.call.write(frame);
  }

  close(): void {
    if (this.over) return;
    this.over = true;
    this.call.cancel();
    this.client.close();
  }

  private end(failure: ServiceError): void {
    if (this.over) return;
    this.over = true;
    this.client.close();
    if (!this.secure && !this.heard && !failure.details.includes('ECONNREFUSED')) {
      failure.details +=
        ' (nothing was heard from it in plain text: if the cluster uses TLS, give a certificate)';
    }
    this.listener.onEnd(errorFromGrpc(failure, this.endpoint));
  }
}

function endedByReplica(): ServiceError {
  const details = 'the replica ended the stream';
  return Object.assign(new Error(details), {
    code: status.UNAVAILABLE,
    details,
    metadata: new Metadata(),
  });
}
