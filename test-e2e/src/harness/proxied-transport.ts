import { errorFromGrpc, type Stream, type StreamListener, type Transport } from '@aegis/client';
import { SessionClient, type SessionResponse } from '@aegis/proto/v1/session';
import { credentials, type ServiceError } from '@grpc/grpc-js';

import { TcpProxy } from './tcp-proxy.js';

/** Takes a client's streams through proxies, one before each replica, so that this client alone can be cut off. */
export class ProxiedTransport implements Transport {
  readonly #proxies: ReadonlyMap<string, TcpProxy>;

  private constructor(proxies: ReadonlyMap<string, TcpProxy>) {
    this.#proxies = proxies;
  }

  static async before(endpoints: readonly string[]): Promise<ProxiedTransport> {
    const pairs = endpoints.map(async (endpoint) => [endpoint, await TcpProxy.to(endpoint)] as const);
    return new ProxiedTransport(new Map(await Promise.all(pairs)));
  }

  cut(how: 'silent' | 'reset'): void {
    for (const proxy of this.#proxies.values()) proxy.cut(how);
  }

  mend(): void {
    for (const proxy of this.#proxies.values()) proxy.mend();
  }

  close(): void {
    for (const proxy of this.#proxies.values()) proxy.close();
  }

  open(endpoint: string, listener: StreamListener): Stream {
    const proxy = this.#proxies.get(endpoint);
    if (proxy === undefined) throw new Error(`no proxy before ${endpoint}`);
    const client = new SessionClient(proxy.address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
    const call = client.open();
    let over = false;
    const end = (error: ServiceError): void => {
      if (over) return;
      over = true;
      client.close();
      listener.onEnd(errorFromGrpc(error, endpoint));
    };
    call.on('data', (frame: SessionResponse) => {
      if (!over) listener.onFrame(frame);
    });
    call.on('drain', () => {
      if (!over) listener.onDrain();
    });
    call.on('error', end);
    return {
      write: (frame) => call.write(frame),
      close: () => {
        over = true;
        call.cancel();
        client.close();
      },
    };
  }
}
