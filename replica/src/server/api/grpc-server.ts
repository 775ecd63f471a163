import { Server, ServerCredentials } from '@grpc/grpc-js';
import { ClusterService, type ClusterServer } from '@aegis/proto/v1/cluster';
import { ElectionsService, type ElectionsServer } from '@aegis/proto/v1/election';
import { type KVServer, KVService } from '@aegis/proto/v1/kv';
import { LeasesService, type LeasesServer } from '@aegis/proto/v1/lease';
import { LocksService, type LocksServer } from '@aegis/proto/v1/lock';
import { SessionService, type SessionServer } from '@aegis/proto/v1/session';
import { HealthImplementation } from 'grpc-health-check';

import { RefusedStart } from '../exit.js';
import { grpcCredentials, type LiveTls } from '../live-tls.js';
import { LIMITS } from './limits.js';
import { addReflection } from './reflection.js';

export interface Services {
  readonly session: SessionServer;
  readonly leases: LeasesServer;
  readonly locks: LocksServer;
  readonly elections: ElectionsServer;
  readonly kv: KVServer;
  readonly cluster: ClusterServer;
}

const NAMES = [
  'aegis.v1.Session',
  'aegis.v1.Leases',
  'aegis.v1.Locks',
  'aegis.v1.Elections',
  'aegis.v1.KV',
  'aegis.v1.Cluster',
];

/** The client port: the services of the profile, health and reflection. */
export class GrpcServer {
  readonly #server: Server;
  readonly #health = new HealthImplementation({ '': 'NOT_SERVING' });
  readonly #address: string;
  readonly #tls: LiveTls | undefined;

  constructor(address: string, tls: LiveTls | undefined, services: Services) {
    this.#address = address;
    this.#tls = tls;
    this.#server = new Server({
      'grpc.max_receive_message_length': LIMITS.frameBytes,
      'grpc.max_concurrent_streams': 1000,
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 10_000,
    });
    this.#server.addService(SessionService, services.session);
    this.#server.addService(LeasesService, services.leases);
    this.#server.addService(LocksService, services.locks);
    this.#server.addService(ElectionsService, services.elections);
    this.#server.addService(KVService, services.kv);
    this.#server.addService(ClusterService, services.cluster);
    this.#health.addToServer(this.#server);
    addReflection(this.#server);
  }

  async start(): Promise<void> {
    const tls = this.#tls;
    const credentials = tls === undefined ? ServerCredentials.createInsecure() : grpcCredentials(tls);
    await new Promise<void>((resolve, reject) => {
      this.#server.bindAsync(this.#address, credentials, (error) => {
        if (error === null) resolve();
        else
          reject(
            new RefusedStart(
              'busy',
              `the client address ${this.#address} cannot be opened: ${error.message}`,
            ),
          );
      });
    });
  }

  /** Whether this replica can serve linearizable requests, as the health service tells it. */
  setServing(serving: boolean): void {
    for (const name of ['', ...NAMES]) this.#health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
  }

  /** Lets running calls end for `graceMs`, then cuts them off. */
  async stop(graceMs: number): Promise<void> {
    const cut = setTimeout(() => this.#server.forceShutdown(), graceMs);
    await new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    clearTimeout(cut);
  }
}
