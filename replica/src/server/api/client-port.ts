import { type status } from '@grpc/grpc-js';
import type { Error as Failure } from '@aegis/proto/v1/error';
import type { SessionServer } from '@aegis/proto/v1/session';

import type { RawNode } from '../../raft/index.js';
import type { Applied, StateMachine } from '../../state/index.js';
import type { Driver } from '../driver/driver.js';
import type { LiveTls } from '../live-tls.js';
import { type ClientCounts, clientCounts } from './client-counts.js';
import { Backups, type BackupsParts } from './backups.js';
import { clusterService, type ClusterFacts } from './cluster-service.js';
import { GrpcServer } from './grpc-server.js';
import { kvService } from './kv/service.js';
import { Operations } from './operations.js';
import { ProfileGate } from './profile-gate.js';
import { refuseRole } from './roles.js';
import { electionsService, leasesService, locksService } from './services.js';
import { SessionHost } from './session-host.js';
import { endCall, statusError } from './status.js';
import { Handlers } from './unary.js';
import type { VersionOf } from './version-calls.js';

export interface ClientPortParts {
  readonly address: string;
  readonly tls: LiveTls | undefined;
  readonly driver: Driver;
  readonly raft: RawNode;
  readonly state: StateMachine;
  readonly facts: ClusterFacts;
  readonly backups: Omit<BackupsParts, 'state' | 'facts'>;
  readonly versionOf: VersionOf;
  /** Counts what the cluster itself could not do for a client. */
  failed(): void;
}

/** How long running calls may take to end at a stop. */
const DRAIN_MS = 500;

/** How often watches that asked for it are told how far they have come. */
const PROGRESS_MS = 60_000;

/** Everything that clients see of a replica: streams, calls, watches, queued claims. */
export class ClientPort {
  readonly #grpc: GrpcServer;
  readonly #host: SessionHost;
  readonly #operations: Operations;
  readonly #backups: Backups;
  #progress: NodeJS.Timeout | undefined;

  constructor(parts: ClientPortParts) {
    const { driver, state, tls, address, facts } = parts;
    const hint = (failed: Failure): Failure => ({
      ...failed,
      leaderId: driver.lead,
      leaderAddress: host.clientAddress(driver.lead),
    });
    const operations = new Operations(driver, state, new ProfileGate(facts.profile), (failed) => {
      parts.failed();
      return hint(failed);
    });
    this.#operations = operations;
    const { memberId } = facts;
    const host = new SessionHost({ memberId, driver, state, operations, later: setImmediate });
    this.#host = host;
    const handlers = new Handlers(operations, host.claims, tls !== undefined);
    const read: Driver['read'] = (done) => driver.read(done);
    this.#backups = new Backups({ ...parts.backups, state, facts }, read);
    this.#grpc = new GrpcServer(address, tls, {
      session: sessionService(host, tls !== undefined),
      leases: leasesService(handlers),
      locks: locksService(handlers, host.watches, read),
      elections: electionsService(handlers, host.watches, read),
      kv: kvService(handlers, host.kvWatches, state, read),
      cluster: clusterService(handlers, { ...parts, hint, backups: this.#backups }),
    });
  }

  counts(): ClientCounts {
    return clientCounts(this.#host, this.#operations);
  }

  start(): Promise<void> {
    this.#progress = setInterval(() => this.#host.kvWatches.progress(), PROGRESS_MS);
    return this.#grpc.start();
  }

  applied(applied: Applied): void {
    this.#host.applied(applied);
  }

  stateReplaced(): void {
    this.#host.stateReplaced();
    this.#backups.stateReplaced();
  }

  leaderChanged(lead: number): void {
    this.#host.leaderChanged();
    this.#grpc.setServing(lead !== 0);
  }

  turnEnded(): void {
    this.#host.turnEnded();
  }

  setServing(serving: boolean): void {
    this.#grpc.setServing(serving);
  }

  endStreams(code: status, message: string): void {
    this.#host.endAll(code, message);
    this.#backups.stop();
  }

  stop(): Promise<void> {
    clearInterval(this.#progress);
    return this.#grpc.stop(DRAIN_MS);
  }
}

function sessionService(host: SessionHost, tls: boolean): SessionServer {
  return {
    open: (call) => {
      const refused = refuseRole(call, 'client', tls);
      if (refused === undefined) host.open(call);
      else endCall(call, statusError(refused));
    },
  };
}
