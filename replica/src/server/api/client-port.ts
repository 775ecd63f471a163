import { type status } from '@grpc/grpc-js';
import type { SessionServer, Welcome } from '@aegis/proto/v1/session';

import type { RawNode } from '../../raft/index.js';
import type { Applied, StateMachine } from '../../state/index.js';
import type { Driver } from '../driver/driver.js';
import type { TlsFiles } from '../tls.js';
import { Claims } from './claims.js';
import { clusterService, type ClusterFacts } from './cluster-service.js';
import { GrpcServer } from './grpc-server.js';
import { kvService } from './kv/service.js';
import { KvWatchHub } from './kv/watch-hub.js';
import { Operations } from './operations.js';
import { ProfileGate } from './profile-gate.js';
import { refuseRole } from './roles.js';
import { electionsService, leasesService, locksService } from './services.js';
import { SessionStream } from './session-stream.js';
import { endCall, statusError } from './status.js';
import { Handlers } from './unary.js';
import { Watches } from './watches.js';

export interface ClientPortParts {
  readonly address: string;
  readonly tls: TlsFiles | undefined;
  readonly driver: Driver;
  readonly raft: RawNode;
  readonly state: StateMachine;
  readonly facts: ClusterFacts;
  /** Counts what the cluster itself could not do for a client. */
  failed(): void;
}

/** How long running calls may take to end at a stop. */
const DRAIN_MS = 500;

/** How often watches that asked for it are told how far they have come. */
const PROGRESS_MS = 60_000;

/** Everything that clients see of a replica: streams, calls, watches, queued claims. */
export class ClientPort {
  readonly #parts: ClientPortParts;
  readonly #grpc: GrpcServer;
  readonly #claims: Claims;
  readonly #watches: Watches;
  readonly #kvWatches: KvWatchHub;
  readonly #streams = new Set<SessionStream>();
  readonly #dirty = new Set<SessionStream>();
  #progress: NodeJS.Timeout | undefined;

  constructor(parts: ClientPortParts) {
    this.#parts = parts;
    const { driver, raft, state, tls, address, facts } = parts;
    this.#claims = new Claims(state);
    this.#watches = new Watches(state);
    this.#kvWatches = new KvWatchHub(state);
    const operations = new Operations(driver, state, new ProfileGate(facts.profile), (failed) => {
      parts.failed();
      return { ...failed, leaderId: driver.lead, leaderAddress: this.#clientAddress(driver.lead) };
    });
    const handlers = new Handlers(operations, this.#claims, tls !== undefined);
    const read: Driver['read'] = (done) => driver.read(done);
    this.#grpc = new GrpcServer(address, tls, {
      session: this.#sessionService(operations),
      leases: leasesService(handlers),
      locks: locksService(handlers, this.#watches, read),
      elections: electionsService(handlers, this.#watches, read),
      kv: kvService(handlers, this.#kvWatches, state, read),
      cluster: clusterService(handlers, driver, raft, state, facts),
    });
  }

  get watches(): number {
    return this.#watches.size + this.#kvWatches.size;
  }

  get streams(): number {
    return this.#streams.size;
  }

  start(): Promise<void> {
    this.#progress = setInterval(() => this.#kvWatches.progress(), PROGRESS_MS);
    return this.#grpc.start();
  }

  /** Tells queued claims and watchers what an applied batch changed. */
  applied(applied: Applied): void {
    for (const event of applied.events) {
      this.#claims.dispatch(event);
      this.#watches.dispatch(event);
    }
    this.#kvWatches.dispatch(applied.changes);
  }

  /** A snapshot took the place of events that nobody here will see. */
  stateReplaced(): void {
    this.#claims.stateReplaced();
    this.#watches.stateReplaced();
  }

  leaderChanged(lead: number): void {
    for (const stream of this.#streams) stream.welcome();
    this.#grpc.setServing(lead !== 0);
  }

  /** One frame leaves to every client for which something has gathered. */
  turnEnded(): void {
    // A flush makes room for operations whose answers may gather at once: they leave with the next turn.
    const streams = [...this.#dirty];
    this.#dirty.clear();
    for (const stream of streams) stream.flush();
  }

  setServing(serving: boolean): void {
    this.#grpc.setServing(serving);
  }

  endStreams(code: status, message: string): void {
    for (const stream of this.#streams) stream.end(code, message);
  }

  stop(): Promise<void> {
    clearInterval(this.#progress);
    return this.#grpc.stop(DRAIN_MS);
  }

  #sessionService(operations: Operations): SessionServer {
    const { driver, tls } = this.#parts;
    return {
      open: (call) => {
        const refused = refuseRole(call, 'client', tls !== undefined);
        if (refused !== undefined) {
          endCall(call, statusError(refused));
          return;
        }
        const stream = new SessionStream(call, {
          operations,
          claims: this.#claims,
          watches: this.#watches,
          kvWatches: this.#kvWatches,
          read: (done) => driver.read(done),
          welcome: () => this.#welcome(),
          dirty: (dirty) => {
            this.#dirty.add(dirty);
            driver.schedule();
          },
          closed: (closed) => {
            this.#streams.delete(closed);
            this.#dirty.delete(closed);
          },
        });
        this.#streams.add(stream);
      },
    };
  }

  #welcome(): Welcome {
    const { driver, state, facts } = this.#parts;
    const { clusterId, members } = state.membership!;
    return {
      clusterId,
      memberId: facts.memberId,
      leaderId: driver.lead,
      leaderAddress: this.#clientAddress(driver.lead),
      clientAddresses: members.map((member) => member.clientAddress),
    };
  }

  #clientAddress(id: number): string {
    return this.#parts.state.membership!.members.find((member) => member.id === id)?.clientAddress ?? '';
  }
}
