import type { LockDescription, LockEvent, LockSummary } from '@aegis/proto/v1/lock';
import { systemClock, systemTimers, type Clock, type Timers } from './clock/clock.js';
import { Cluster } from './cluster/cluster.js';
import { ask, resultOf } from './connection/ask.js';
import { Connection } from './connection/connection.js';
import { Endpoints } from './connection/endpoints.js';
import { Election } from './election/election.js';
import { Kv } from './kv/kv.js';
import { plainWrites } from './kv/writes.js';
import { Leases } from './lease/leases.js';
import type { Hold } from './lock/held.js';
import { Lock, type AcquireOptions } from './lock/lock.js';
import { checkName, checkWhole, type LockOptions } from './lock/options.js';
import { ClientSession } from './session/client-session.js';
import { Keeper } from './session/keeper.js';
import { Session } from './session/session.js';
import { channelCredentials, type TlsOptions } from './stream/credentials.js';
import { GrpcTransport } from './stream/grpc-transport.js';
import type { Transport } from './stream/transport.js';
import { Watch } from './watch/watch.js';

export interface ClientOptions {
  /** Client addresses of replicas as `host:port`: one is enough to find the others. */
  readonly endpoints: readonly string[];
  /** This client's certificate and the authority that signed the replicas; plain text without it. */
  readonly tls?: TlsOptions;
  /** How long an answer may take, in milliseconds, changes of leader included. 10,000 unless told. */
  readonly requestTimeoutMs?: number;
  /** The TTL of sessions, in milliseconds. 10,000 unless told. */
  readonly ttlMs?: number;
  /** For tests: what stands in for the network, the clocks, the timers and chance. */
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly random?: () => number;
}

/** How to take a lock; also `lock.run(name, work)`, for the common case. */
export interface TakeLock {
  (name: string, options?: LockOptions): Lock;
  /** Runs `work` while holding the lock. See `Lock.run`. */
  run<T>(
    name: string,
    work: (hold: Hold) => T | Promise<T>,
    options?: LockOptions & AcquireOptions,
  ): Promise<T>;
}

/**
 * A client of a cluster: one connection, to the leader where it can be reached, that all of its callers share.
 * It is opened at the first use and keeps the process alive until `close`.
 */
export class Client {
  readonly lock: TakeLock;
  readonly leases: Leases;
  /** Versioned keys, without a session; `session.kv` writes at most once. */
  readonly kv: Kv;
  readonly cluster: Cluster;
  private readonly connection: Connection;
  private readonly keeper: Keeper;
  private readonly sessions = new Map<number, Session>();
  private readonly requestTimeoutMs: number;
  private readonly ttlMs: number;

  constructor(options: ClientOptions) {
    this.requestTimeoutMs = checkWhole('requestTimeoutMs', options.requestTimeoutMs ?? 10_000, 1, 3_600_000);
    this.ttlMs = checkTtl(options.ttlMs ?? 10_000);
    const random = options.random ?? Math.random;
    const endpoints = new Endpoints(options.endpoints, Math.floor(random() * 1_000));
    const credentials = channelCredentials(options.tls);
    this.connection = new Connection({
      endpoints,
      transport: options.transport ?? new GrpcTransport(options.tls),
      clock: options.clock ?? systemClock,
      timers: options.timers ?? systemTimers,
      random,
    });
    this.keeper = new Keeper(this.connection);
    this.leases = new Leases(this.connection, this.requestTimeoutMs);
    const writes = plainWrites(this.connection, this.requestTimeoutMs);
    this.kv = new Kv(this.connection, writes, this.requestTimeoutMs);
    this.cluster = new Cluster(() => endpoints.all, credentials, this.requestTimeoutMs);
    const lock = (name: string, lockOptions: LockOptions = {}): Lock =>
      new Lock(() => this.shared(lockOptions.ttlMs), name, lockOptions);
    this.lock = Object.assign(lock, {
      run: <T>(
        name: string,
        work: (hold: Hold) => T | Promise<T>,
        runOptions: LockOptions & AcquireOptions = {},
      ) => lock(name, runOptions).run(work, runOptions),
    });
  }

  /** An election, in the session that this client's callers share. */
  election(name: string, options: { readonly ttlMs?: number } = {}): Election {
    return new Election(this.connection, () => this.shared(options.ttlMs), this.requestTimeoutMs, name);
  }

  /**
   * A session of its own, for callers whose locks should not share their fate with others: see `ClientSession`.
   * @param ttlMs milliseconds; how long its locks outlive a holder that falls silent
   */
  session(ttlMs: number = this.ttlMs): ClientSession {
    const session = new Session(this.connection, this.keeper, checkTtl(ttlMs), this.requestTimeoutMs);
    return new ClientSession(this.connection, session, this.requestTimeoutMs);
  }

  /** Who holds a lock and who waits for it. Fails with UnavailableError or RequestTimeoutError. */
  async describeLock(name: string): Promise<LockDescription> {
    const value = { name: checkName('lock name', name), stale: false };
    const result = await ask(
      this.connection,
      { $case: 'lockDescribe', value },
      'always',
      this.requestTimeoutMs,
    );
    const { lock } = resultOf(result, 'lockDescribe');
    if (lock === undefined) throw new TypeError('a description without a lock');
    return lock;
  }

  /**
   * One page of the locks in use, by name.
   * @param page `after`: the last name of the page before; `limit`: at most 1,000
   */
  async listLocks(
    prefix: string = '',
    page: { readonly after?: string; readonly limit?: number } = {},
  ): Promise<{ locks: readonly LockSummary[]; more: boolean }> {
    const limit = checkWhole('limit', page.limit ?? 1_000, 1, 1_000);
    const value = { prefix, after: page.after ?? '', limit, stale: false };
    const result = await ask(this.connection, { $case: 'lockList', value }, 'always', this.requestTimeoutMs);
    return resultOf(result, 'lockList');
  }

  /**
   * A lock as it is (an event of type STATE), then every change of its holders and its queue, in order. After a
   * reconnect, or when the reader is too slow, it begins anew with STATE. Ends when the loop is left.
   */
  watchLock(name: string, options: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<LockEvent> {
    const request = { $case: 'lockWatch' as const, value: { name: checkName('lock name', name) } };
    return new Watch(this.connection, request, options.signal, (event) =>
      event.$case === 'lock' ? event.value.event : undefined,
    );
  }

  /** Asks nothing of the cluster: how long the way to the replica and back takes, in milliseconds. */
  async ping(): Promise<number> {
    const beganMs = this.connection.clock.now().monotonicMs;
    await ask(this.connection, { $case: 'ping', value: {} }, 'always', this.requestTimeoutMs);
    return this.connection.clock.now().monotonicMs - beganMs;
  }

  /**
   * Revokes the shared sessions, so that what they hold is free at once, and closes the connection. Sessions made by
   * `session()` are not revoked: close them first. Unanswered calls fail with ClientClosedError.
   */
  async close(): Promise<void> {
    await Promise.all([...this.sessions.values()].map((session) => session.close().catch(() => undefined)));
    this.abandon();
  }

  /** Closes the connection without a word to the cluster: what is held stays held until its TTL is over. */
  abandon(): void {
    this.connection.close();
    this.cluster.close();
  }

  private shared(ttlMs: number = this.ttlMs): Session {
    let session = this.sessions.get(ttlMs);
    if (session === undefined || session.endedBy !== undefined) {
      session = new Session(this.connection, this.keeper, checkTtl(ttlMs), this.requestTimeoutMs);
      this.sessions.set(ttlMs, session);
    }
    return session;
  }
}

/** A client of the cluster at these endpoints. Nothing is sent before the first use. */
export function connect(options: ClientOptions): Client {
  return new Client(options);
}

function checkTtl(ttlMs: number): number {
  return checkWhole('ttlMs', ttlMs, 1, Number.MAX_SAFE_INTEGER);
}
