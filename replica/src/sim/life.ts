import { Log } from '../log/index.js';
import { type Entry, RawNode, StateType } from '../raft/index.js';
import { Backups } from '../server/api/backups.js';
import { clientCounts } from '../server/api/client-counts.js';
import { type Hint, Operations } from '../server/api/operations.js';
import { ProfileGate } from '../server/api/profile-gate.js';
import { SessionHost } from '../server/api/session-host.js';
import { coreConfig, driverSettings, entrySize } from '../server/consensus.js';
import { Driver } from '../server/driver/driver.js';
import { logStorage } from '../server/driver/log-storage.js';
import { Logger } from '../server/logger.js';
import { type IntegrityEvents, silentIntegrityEvents } from '../server/scrub/events.js';
import type { Metrics } from '../server/metrics/metrics.js';
import { observeSnapshots } from '../server/metrics/snapshots.js';
import { silentSnapshotEvents, type SnapshotEvents } from '../server/snapshot/events.js';
import { FIRST_STATE_FOLDER } from '../server/snapshot/state-folders.js';
import { MemberSpace } from '../server/space/member-space.js';
import { StateFlusher } from '../server/state-flusher.js';
import { type Applied, isRemoved, type Membership, StateMachine } from '../state/index.js';
import { AEGIS_VERSION } from '../version.js';
import { type AdminPort, adminPort } from './admin-port.js';
import type { Random } from './random.js';
import type { SimulatedEnvironment } from './simulated-environment.js';
import type { SimulatedMember } from './simulated-member.js';
import type { SimulatedNetwork } from './simulated-network.js';
import { SimulatedPage } from './simulated-page.js';

/** One life of a member's process. */
export interface Life {
  readonly environment: SimulatedEnvironment;
  readonly driver: Driver;
  readonly raft: RawNode;
  readonly state: StateMachine;
  readonly log: Log;
  /** What clients see. */
  readonly sessions: SessionHost;
  /** What administrators see. */
  readonly admin: AdminPort;
  /** What Prometheus would see; only where telemetry is simulated. */
  readonly page: SimulatedPage | undefined;
}

/** What happens in the processes of a cluster, as it happens. */
export interface ClusterObserver {
  applied(member: number, entry: Entry, applied: Applied, hash: string): void;
  leading(member: number, term: number): void;
  /** Who leads, or what the member itself is, has changed. */
  roleChanged?(member: number, lead: number, role: StateType, term: number): void;
  /** A leader has stamped a batch and appended it to its log. */
  proposed?(member: number, term: number, index: number): void;
  /** A leader that had applied so much has appended a change of the membership. */
  changeProposed?(member: number, term: number, index: number, applied: number): void;
  /** The state of a member is that of a snapshot now. */
  installed?(member: number, index: number, hash: string): void;
  snapshots?(member: number): SnapshotEvents;
  integrity?(member: number): Partial<IntegrityEvents>;
  membershipChanged?(member: number, entry: Entry, hash: string, state: StateMachine): void;
  /** A member knows that it was removed; its process would end. */
  removed?(member: number): void;
  /** A process cannot go on. Default: thrown, so that the run ends. */
  fatal?(member: number, error: unknown): void;
}

export interface LifeParts {
  readonly member: SimulatedMember;
  readonly environment: SimulatedEnvironment;
  readonly random: Random;
  readonly network: SimulatedNetwork;
  readonly membership: Membership;
  /** Names this life. */
  readonly origin: number;
  readonly observer: ClusterObserver;
  readonly segmentBytes: number;
  readonly snapshotChunkBytes: number;
  /** Whether it keeps a page of metrics. */
  readonly telemetry: boolean;
}

const silent = new Logger('error');

/** Often: simulated clusters live for seconds. */
const SCRUB_INTERVAL_MS = 5000;

/** Starts the process of a member on what its disk holds, as `server/replica.ts` does. Rejects if the log refuses. */
export async function beginLife(parts: LifeParts): Promise<Life> {
  const { member, environment, random, network, origin, observer } = parts;
  const { id, settings } = member;
  const { log } = await Log.open({
    disk: member.disk.mount(),
    entrySize,
    segmentBytes: parts.segmentBytes,
    mustExist: member.joined,
    drawSalt: () => BigInt(random.below(2 ** 31)),
  });
  const { state, folder } = await openState(parts, log);
  member.joined = true;
  const fatal = (error: unknown): void => {
    if (observer.fatal === undefined) throw error;
    observer.fatal(id, error);
  };
  const coreStorage = logStorage(log, state);
  const raft = new RawNode(
    coreConfig(id, settings, coreStorage, state.appliedIndex, (n) => environment.randomInt(n), silent),
  );
  watchProposals(raft, (term, index) => observer.proposed?.(id, term, index));
  watchChanges(raft, (term, index, applied) => observer.changeProposed?.(id, term, index, applied));
  const page = parts.telemetry ? new SimulatedPage(environment) : undefined;
  const metrics = page?.metrics;
  const flushed = (ms: number): void => metrics?.stateFlush.observe(ms / 1000);
  const flusher = new StateFlusher(state, environment, flushed, fatal, member.housekeeping);
  /** On disk. */
  let settled: Membership | undefined;
  const transport = network.join(id, environment, {
    place: member.place,
    isRemoved: (other) => settled !== undefined && isRemoved(settled, other),
  });
  const setPeers = (): void =>
    transport.setPeers(
      state.membership!.members.map((other) => ({ id: other.id, address: other.peerAddress })),
    );
  const snapshots = {
    bytesPerSecond: settings.snapshotBytesPerSecond,
    chunkBytes: parts.snapshotChunkBytes,
  };
  const space = new MemberSpace(log, flusher, environment, () => true);
  const driver: Driver = new Driver({
    id,
    origin,
    raft,
    log,
    state,
    transport,
    environment,
    settings: driverSettings(settings, member.housekeeping),
    integrity: {
      scrubIntervalMs: SCRUB_INTERVAL_MS,
      events: {
        ...silentIntegrityEvents,
        diverged: ({ kind, index, own, quorum }) =>
          fatal(new Error(`member ${id} has the ${kind} hash ${own} at ${index}, a quorum has ${quorum}`)),
        ...observer.integrity?.(id),
      },
    },
    space,
    snapshots: {
      folders: member.folders.mount(),
      folder,
      ...snapshots,
      events: snapshotEvents(observer.snapshots?.(id), metrics),
    },
    events: {
      applied: (applied, entry) => {
        metrics?.applied(applied.results);
        observer.applied(id, entry, applied, state.hash);
        sessions.applied(applied);
        flusher.applied();
      },
      leaderChanged: (lead, role) => {
        metrics?.leaderChanges.inc();
        const { term } = raft.basicStatus();
        observer.roleChanged?.(id, lead, role, term);
        if (role === StateType.Leader) observer.leading(id, term);
        sessions.leaderChanged();
      },
      logWritten: (ms) => metrics?.logWritten(ms),
      appliedIn: (ms, entries) => metrics?.appliedIn(ms, entries),
      membershipChanged: (entry) => {
        observer.membershipChanged?.(id, entry, state.hash, state);
        setPeers();
      },
      membershipSettled: (membership) => {
        settled = membership;
        setPeers();
      },
      removed: () => observer.removed?.(id),
      stateReplaced: () => {
        observer.installed?.(id, state.appliedIndex, state.hash);
        setPeers();
        sessions.stateReplaced();
      },
      turnEnded: () => sessions.turnEnded(),
      fatal,
    },
  });
  const hint: Hint = (failed) => {
    metrics?.proposalsFailed.inc();
    return { ...failed, leaderId: driver.lead, leaderAddress: sessions.clientAddress(driver.lead) };
  };
  const operations = new Operations(driver, state, new ProfileGate('all'), hint);
  const later = (task: () => void): void => environment.endOfTurn(task);
  const sessions: SessionHost = new SessionHost({ memberId: id, driver, state, operations, later });
  const facts = { memberId: id, profile: 'all', version: AEGIS_VERSION, consensus: settings } as const;
  const unseen = { begun: () => {}, ended: () => {} };
  const backups = new Backups({ state, facts, environment, ...snapshots, events: unseen }, (done) =>
    driver.read(done),
  );
  const { claims } = sessions;
  const versionOf = (): number => state.version;
  const admin = adminPort({ driver, raft, state, facts, hint, backups, versionOf, operations, claims });
  setPeers();
  flusher.start();
  await driver.start();
  metrics?.settingsInEffect(settings);
  page?.of({
    memberId: id,
    driver,
    raft,
    log,
    space,
    state,
    clients: () => clientCounts(sessions, operations),
  });
  return { environment, driver, raft, state, log, sessions, admin, page };
}

/** Whoever watches the world is told, and what Prometheus would see counts them. */
function snapshotEvents(observed: SnapshotEvents | undefined, metrics: Metrics | undefined): SnapshotEvents {
  if (metrics === undefined) return observed ?? silentSnapshotEvents;
  const counted = observeSnapshots(silent, metrics);
  if (observed === undefined) return counted;
  return {
    sending: (to, offer) => void [observed.sending(to, offer), counted.sending(to, offer)],
    sent: (to, sent) => void [observed.sent(to, sent), counted.sent(to, sent)],
    receiving: (from, offer) => void [observed.receiving(from, offer), counted.receiving(from, offer)],
    receivedBytes: (bytes) => void [observed.receivedBytes(bytes), counted.receivedBytes(bytes)],
    refused: (from, reason) => void [observed.refused(from, reason), counted.refused(from, reason)],
    installed: (index, folder) => void [observed.installed(index, folder), counted.installed(index, folder)],
  };
}

/** The folder that the log names; the others are deleted, as at any start. */
async function openState({ member, membership }: LifeParts, log: Log) {
  const { folders } = member;
  const folder = log.stateFolder ?? FIRST_STATE_FOLDER;
  const first = log.stateFolder === undefined && folders.names().length === 0;
  const storage = folders.storage(folder) ?? (first ? folders.create(folder) : undefined);
  if (storage === undefined) throw new Error(`member ${member.id} lost its state folder ${folder}`);
  for (const other of folders.names()) if (other !== folder) await folders.mount().remove(other);
  const state = await StateMachine.open(storage);
  if (state.membership === undefined) {
    if (member.joined && log.firstIndex() !== 1)
      throw new Error(`member ${member.id} has no state, and its log no longer begins at its beginning`);
    await state.bootstrap(membership);
  }
  if (log.lastIndex() < state.appliedIndex)
    throw new Error(
      `member ${member.id} has applied ${state.appliedIndex}, its log ends at ${log.lastIndex()}`,
    );
  await folders.mount().sync(folder);
  return { state, folder };
}

function watchProposals(raft: RawNode, proposed: (term: number, index: number) => void): void {
  const propose = raft.propose.bind(raft);
  raft.propose = (data) => {
    const refused = propose(data);
    if (refused === undefined) {
      const { term, lastIndex } = raft.basicStatus();
      proposed(term, lastIndex);
    }
    return refused;
  };
}

/** Only those that were let through: a refused one leaves an empty entry. */
function watchChanges(raft: RawNode, proposed: (term: number, index: number, applied: number) => void): void {
  const propose = raft.proposeConfChange.bind(raft);
  raft.proposeConfChange = (change) => {
    const { applied } = raft.basicStatus();
    const refused = propose(change);
    const { term, lastIndex, pendingConfIndex } = raft.basicStatus();
    if (refused === undefined && pendingConfIndex === lastIndex) proposed(term, lastIndex, applied);
    return refused;
  };
}
