import { SessionClient, type SessionRequest, type SessionResponse } from '@aegis/proto/v1/session';
import {
  Metadata,
  status,
  type ChannelCredentials,
  type ClientDuplexStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { HostMemory } from '@aegis/replica/hosts';
import { isIP } from 'node:net';
import { errorFromGrpc } from '../errors/index.js';
import { channelCredentials, channelOptions, type TlsOptions } from './credentials.js';
import { hostAndPort, standInFor } from './stand-in.js';
import type { Stream, StreamListener, Transport } from './transport.js';

/** What gRPC says when nobody tells where a host is. */
const NAME_FAILED = /^Name resolution failed/;

/** Session streams over gRPC, each on a socket of its own. */
export class GrpcTransport implements Transport {
  private readonly credentials: ChannelCredentials;

  constructor(
    private readonly tls: TlsOptions | undefined,
    private readonly hosts = new HostMemory(),
  ) {
    this.credentials = channelCredentials(tls);
  }

  open(endpoint: string, listener: StreamListener): Stream {
    return new GrpcStream(endpoint, this.credentials, this.tls !== undefined, this.hosts, listener);
  }

  learn(endpoints: readonly string[]): void {
    for (const endpoint of endpoints) {
      const { host } = hostAndPort(endpoint);
      if (isIP(host) === 0) this.hosts.learn(host);
    }
  }
}

class GrpcStream implements Stream {
  private client!: SessionClient;
  private call!: ClientDuplexStream<SessionRequest, SessionResponse>;
  private over = false;
  private heard = false;

  constructor(
    private readonly endpoint: string,
    private readonly credentials: ChannelCredentials,
    private readonly secure: boolean,
    hosts: HostMemory,
    private readonly listener: StreamListener,
  ) {
    const standIn = standInFor(endpoint, hosts).then((address) => {
      if (this.over || this.heard || address === undefined) return false;
      this.leave();
      this.connect(address, hostAndPort(endpoint).host);
      return true;
    });
    this.connect(endpoint, undefined, standIn);
  }

  write(frame: SessionRequest): boolean {
    return this.call.write(frame);
  }

  close(): void {
    if (this.over) return;
    this.over = true;
    this.leave();
  }

  /** @param standIn whether another call takes the place of this one, because the name is not answered */
  private connect(target: string, name?: string, standIn?: Promise<boolean>): void {
    const client = new SessionClient(target, this.credentials, channelOptions(target, name));
    const call = client.open();
    this.client = client;
    this.call = call;
    const end = (failure: ServiceError): void => {
      if (call === this.call) this.end(failure);
    };
    call.on('data', (frame: SessionResponse) => {
      if (this.over || call !== this.call) return;
      this.heard = true;
      this.listener.onFrame(frame);
    });
    call.on('drain', () => {
      if (!this.over && call === this.call) this.listener.onDrain();
    });
    call.on('error', (failure: ServiceError) => {
      if (standIn !== undefined && NAME_FAILED.test(failure.details)) void standIn.then(() => end(failure));
      else end(failure);
    });
    // The replica's orderly end of the stream: a client has no reason to expect one.
    call.on('end', () => setImmediate(() => end(endedByReplica())));
  }

  private leave(): void {
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
