import { randomInt } from 'node:crypto';
import { status } from '@grpc/grpc-js';

import { RawNode, StateType } from '../raft/index.js';
import { hasRoom, isRemoved, type Membership } from '../state/index.js';
import { AEGIS_VERSION } from '../version.js';
import { ClientPort } from './api/client-port.js';
import { transfer } from './api/cluster-service.js';
import { unsafeBeside } from './api/settings-call.js';
import { beginFromBackup } from './backup/restore-folder.js';
import { coreConfig, driverSettings } from './consensus.js';
import { Driver } from './driver/driver.js';
import type { Timer } from './driver/environment.js';
import { mostCaughtUp } from './driver/leadership.js';
import { logStorage } from './driver/log-storage.js';
import { sharedSettingsOf } from './driver/shared-settings.js';
import { RefusedStart } from './exit.js';
import { isLoopback, onHost } from './folder/addresses.js';
import { readBootstrapRecord } from './folder/bootstrap-record.js';
import { DataFolder } from './folder/data-folder.js';
import { awaitRecord } from './join/await-record.js';
import { identify } from './join/identify.js';
import { standingOf } from './join/standing.js';
import { LiveTls } from './live-tls.js';
import type { Logger } from './logger.js';
import { observeBackups } from './metrics/backups.js';
import { ClockWatch } from './metrics/clock-watch.js';
import { telemetrySources } from './metrics/collect.js';
import { TelemetryServer } from './metrics/http.js';
import { Metrics } from './metrics/metrics.js';
import { observeIntegrity } from './metrics/integrity.js';
import { observeSnapshots } from './metrics/snapshots.js';
import type { StartOptions } from './options.js';
import { TcpTransport } from './peer/tcp-transport.js';
import { endDiverged } from './scrub/diverged.js';
import { loadSettings, refuseUnsafe } from './settings-file.js';
import { MemberSpace } from './space/member-space.js';
import { StateReserve } from './space/state-reserve.js';
import { StateFlusher } from './state-flusher.js';
import { openStorage, type OpenedStorage, removedFrom } from './storage.js';
import type { World } from './world.js';

const SNAPSHOT_CHUNK_BYTES = 256 * 1024;
const SCRUB_INTERVAL_MS = 10 * 60_000;

interface Parts {
  readonly logger: Logger;
  readonly storage: OpenedStorage;
  readonly raft: RawNode;
  readonly driver: Driver;
  readonly clients: ClientPort;
  readonly telemetry: TelemetryServer;
  readonly flusher: StateFlusher;
  readonly reserve: Timer;
  readonly electionTimeoutMs: number;
}

/** One replica of a cluster: what `aegis-replica start` runs. */
export class Replica {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Opens the folder, joins the peers and opens the ports. `fatal` is called if the replica later cannot go on; with a
   * RefusedStart if it has been removed, and then it can be stopped in good order.
   */
  static async start(
    options: StartOptions,
    world: World,
    base: Logger,
    fatal: (error: unknown) => void,
  ): Promise<Replica> {
    const { consensus, profile } = loadSettings(options);
    const tls = options.tls === undefined ? undefined : new LiveTls(options.tls, base);
    const record = options.awaitBootstrap
      ? await awaitRecord(options.bootstrap, DataFolder.prepare(options.data), options.metrics, tls, base)
      : readBootstrapRecord(options.bootstrap);
    for (const { id, statement, reason } of refuseUnsafe(options, consensus, record.members.length))
      base.warn('settings against advice', { rule: id, statement, reason });
    if (options.backup !== undefined) {
      await beginFromBackup(options.data, options.backup, record, world, base);
    }
    const fresh = DataFolder.prepare(options.data);
    const member = await identify(fresh, record, options, tls, base);
    const storage = await openStorage(fresh, member, record, world, base);
    const { log, state, memberId } = storage;
    const self =
      state.membership!.members.find(({ id }) => id === memberId) ??
      storage.folder.identity.addresses ??
      record.members.find(({ id }) => id === memberId)!;
    const bound = (address: string): string => onHost(options.listen, address);
    if (tls === undefined && !options.insecureAnywhere)
      requireLoopback(bound(self.peerAddress), bound(self.clientAddress));

    const logger = base.with({ member: memberId });
    const metrics = new Metrics();
    metrics.settingsInEffect(consensus);
    const clocks = new ClockWatch(metrics, logger, consensus.clockOffsetAlertMs);
    const origin = randomInt(1, 2 ** 47);
    const coreStorage = logStorage(log, state);
    const raft = new RawNode(
      coreConfig(
        memberId,
        consensus,
        coreStorage,
        state.appliedIndex,
        (n) => world.environment.randomInt(n),
        logger,
      ),
    );
    /** On disk. */
    let settled: Membership | undefined;
    const transport = new TcpTransport({
      clusterId: record.clusterId,
      self: memberId,
      incarnation: origin,
      listen: self.peerAddress,
      bind: bound(self.peerAddress),
      tls,
      environment: world.environment,
      wires: world.wires,
      logger,
      isRemoved: (id) => settled !== undefined && isRemoved(settled, id),
      standing: (nonce) => standingOf(state.membership!, nonce),
      measures: {
        roundTrip: (peer, ms) => metrics.roundTrip.observe({ to: peer }, ms / 1000),
        clockOffset: (peer, ms) => clocks.observe(peer, ms),
        refusedFrame: () => metrics.peerRefused.inc(),
      },
    });
    const flusher = new StateFlusher(
      state,
      world.environment,
      (ms) => metrics.stateFlush.observe(ms / 1000),
      fatal,
    );
    const space = new MemberSpace(log, flusher, world.environment, () => hasRoom(options.data));
    const driver: Driver = new Driver({
      id: memberId,
      origin,
      raft,
      log,
      state,
      transport,
      environment: world.environment,
      settings: driverSettings(consensus),
      space,
      snapshots: {
        folders: storage.stateFolders,
        folder: storage.stateFolder,
        bytesPerSecond: consensus.snapshotBytesPerSecond,
        chunkBytes: SNAPSHOT_CHUNK_BYTES,
        events: observeSnapshots(logger, metrics),
      },
      integrity: {
        scrubIntervalMs: SCRUB_INTERVAL_MS,
        events: observeIntegrity(logger, metrics, (found) => fatal(endDiverged(storage.folder, found))),
      },
      events: {
        applied: (applied) => {
          metrics.applied(applied.results);
          clients.applied(applied);
          flusher.applied();
        },
        leaderChanged: (leader, role) => {
          metrics.leaderChanges.inc();
          const { term } = raft.basicStatus();
          logger.info('leader changed', { leader, term, leading: role === StateType.Leader });
          if (role === StateType.Leader) {
            // The state may have what was safe beside other settings of its members.
            const why = unsafeBeside(sharedSettingsOf(state), { profile, consensus }, state);
            if (why !== undefined)
              logger.warn("the cluster's settings are not safe beside this member's", { why });
          }
          clients.leaderChanged(leader);
        },
        logWritten: (ms) => metrics.logWritten(ms),
        appliedIn: (ms, entries) => metrics.appliedIn(ms, entries),
        membershipChanged: ({ index }) => {
          const { voters, learners } = state.membership!.confState;
          logger.info('membership changed', { index, voters: voters.join(), learners: learners.join() });
          setPeers();
        },
        membershipSettled: (membership) => {
          settled = membership;
          setPeers();
        },
        removed: (how) => fatal(removedFrom(record.clusterId, memberId, options.data, how)),
        stateReplaced: () => {
          setPeers();
          clients.stateReplaced();
        },
        turnEnded: () => clients.turnEnded(),
        fatal,
      },
    });
    const { electionTimeoutMs } = consensus;
    const clients = new ClientPort({
      address: bound(self.clientAddress),
      tls,
      driver,
      raft,
      state,
      facts: { memberId, profile, version: AEGIS_VERSION, consensus },
      backups: {
        environment: world.environment,
        bytesPerSecond: consensus.snapshotBytesPerSecond,
        chunkBytes: SNAPSHOT_CHUNK_BYTES,
        events: observeBackups(logger, metrics),
      },
      versionOf: (peer) => transport.versionOf(peer),
      failed: () => metrics.proposalsFailed.inc(),
    });
    const { nonce } = fresh.identity;
    const facts = { state: 'member', nonce, clusterId: record.clusterId, memberId } as const;
    const sources = telemetrySources({
      memberId,
      facts,
      metrics,
      driver,
      raft,
      log,
      space,
      state,
      clients: () => clients.counts(),
    });
    const telemetry = new TelemetryServer(bound(self.metricsAddress), sources, tls);

    const setPeers = (): void =>
      transport.setPeers(
        state.membership!.members.map(({ id, peerAddress }) => ({ id, address: peerAddress })),
      );
    setPeers();
    await driver.start().catch((error: unknown) => {
      throw portRefused(`the peer address ${bound(self.peerAddress)}`, error);
    });
    await clients.start();
    await telemetry.start();
    flusher.start();
    const reserve = new StateReserve(options.data).keepUp(world.environment);
    logger.info('replica started', {
      cluster: record.clusterId,
      client: self.clientAddress,
      peer: self.peerAddress,
      metrics: self.metricsAddress,
      applied: state.appliedIndex,
      lastIndex: log.lastIndex(),
      profile,
    });
    return new Replica({
      electionTimeoutMs,
      logger,
      storage,
      raft,
      driver,
      clients,
      telemetry,
      flusher,
      reserve,
    });
  }

  /** Hands leadership over first, then lets go of clients, peers and disk, in this order. */
  async stop(): Promise<void> {
    const { logger, storage, raft, driver, clients, telemetry, flusher, reserve, electionTimeoutMs } =
      this.#parts;
    logger.info('stopping');
    clients.setServing(false);
    if (driver.role === StateType.Leader) {
      const target = mostCaughtUp(raft, storage.memberId);
      if (target !== undefined) await transfer(driver, target, electionTimeoutMs);
    }
    clients.endStreams(status.UNAVAILABLE, 'the replica is stopping; ask another one');
    await driver.stop();
    await clients.stop();
    await telemetry.stop();
    flusher.stop();
    reserve.stop();
    await storage.state.sync();
    await storage.close();
    logger.info('stopped');
  }
}

function requireLoopback(...addresses: readonly string[]): void {
  for (const address of addresses) {
    if (isLoopback(address)) continue;
    throw new RefusedStart(
      'usage',
      `${address} is not a loopback address, and --insecure allows no other; use --tls`,
    );
  }
}

function portRefused(what: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return error;
  return new RefusedStart(
    'busy',
    `${what} cannot be opened: ${message}. Stop what uses it, or choose another port`,
  );
}
