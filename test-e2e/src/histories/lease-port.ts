import { errorFromGrpc } from '@aegis/client';
import { LeasesClient, type LeaseKeepAliveResponse } from '@aegis/proto/v1/lease';
import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';

/**
 * Renews leases by plain gRPC calls to one replica, and after a failure to the next. Each goes out once: of a call that is sent
 * again, as the client library does it, nobody knows when its first copy takes effect.
 */
export class LeasePort {
  readonly #endpoints: readonly string[];
  readonly #timeoutMs: number;
  #at: number;
  #leases: LeasesClient;

  constructor(endpoints: readonly string[], first: number, timeoutMs: number) {
    this.#endpoints = endpoints;
    this.#timeoutMs = timeoutMs;
    this.#at = first;
    this.#leases = this.#dial();
  }

  /** @returns the TTL that it was renewed to, in milliseconds; 0: there is no such lease */
  keepAlive(lease: string): Promise<number> {
    const endpoint = this.#endpoints[this.#at]!;
    const stream = this.#leases.keepAlive(new Metadata(), { deadline: Date.now() + this.#timeoutMs });
    return new Promise((resolve, reject) => {
      stream.once('data', ({ ttlMs }: LeaseKeepAliveResponse) => {
        resolve(ttlMs[0]!);
        stream.end();
      });
      stream.on('error', (error: ServiceError) => reject(errorFromGrpc(error, endpoint)));
      stream.once('end', () => reject(new TypeError('a keepalive was not answered, and did not fail')));
      stream.write({ leases: [lease] });
    });
  }

  renew(): void {
    this.close();
    this.#at = (this.#at + 1) % this.#endpoints.length;
    this.#leases = this.#dial();
  }

  close(): void {
    this.#leases.close();
  }

  #dial(): LeasesClient {
    return new LeasesClient(this.#endpoints[this.#at]!, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
  }
}
