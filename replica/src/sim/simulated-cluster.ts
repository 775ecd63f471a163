import type { Command, Result } from '@aegis/proto/replica/command';

import { Log } from '../log/index.js';
import { SimulatedDisk } from '../log/disk-simulated.js';
import { type Entry, RawNode, StateType } from '../raft/index.js';
import { coreConfig, driverSettings, entrySize } from '../server/consensus.js';
import { Driver } from '../server/driver/driver.js';
import { logStorage } from '../server/driver/log-storage.js';
import { Logger } from '../server/logger.js';
import { silentSnapshotEvents, type SnapshotEvents } from '../server/snapshot/events.js';
import { FIRST_STATE_FOLDER } from '../server/snapshot/state-folders.js';
import { type ConsensusSettings, resolveSettings } from '../settings/index.js';
import { type Applied, type Membership, StateMachine } from '../state/index.js';
import { EventQueue } from './event-queue.js';
import { Random } from './random.js';
import { SimulatedEnvironment } from './simulated-environment.js';
import { SimulatedNetwork } from './simulated-network.js';
import { SimulatedStateFolders } from './simulated-state-folders.js';

/** Small, so that small states travel in many. */
const SNAPSHOT_CHUNK_BYTES = 512;

/** One life of a member's process. */
interface Life {
  readonly environment: SimulatedEnvironment;
  readonly driver: Driver;
  readonly raft: RawNode;
  readonly state: StateMachine;
  readonly log: Log;
}

export interface SimulatedMember {
  readonly id: number;
  readonly disk: SimulatedDisk;
  readonly folders: SimulatedStateFolders;
  life: Life | undefined;
}

export interface ClusterObserver {
  applied(member: number, entry: Entry, applied: Applied, hash: string): void;
  leading(member: number, term: number): void;
  /** The state of a member is that of a snapshot now. */
  installed?(member: number, index: number, hash: string): void;
  snapshots?(member: number): SnapshotEvents;
}

/** A cluster of real cores, logs, state machines and drivers in a simulated world, drawn from one seed. */
export class SimulatedCluster {
  readonly queue = new EventQueue();
  readonly random: Random;
  readonly network: SimulatedNetwork;
  readonly members: SimulatedMember[] = [];
  readonly #observer: ClusterObserver;
  readonly #membership: Membership;
  readonly #settings: Partial<ConsensusSettings>;
  #lives = 0;

  constructor(
    size: number,
    seed: number,
    observer: ClusterObserver,
    settings: Partial<ConsensusSettings> = {},
  ) {
    this.#settings = settings;
    this.random = new Random(seed);
    this.network = new SimulatedNetwork(this.queue, this.random);
    this.#observer = observer;
    const ids = Array.from({ length: size }, (_, at) => at + 1);
    this.#membership = {
      clusterId: 'simulated',
      members: ids.map((id) => ({
        id,
        nonce: String(id).padStart(32, '0'),
        name: `member-${id}`,
        peerAddress: `peer-${id}:1`,
        clientAddress: `client-${id}:1`,
        metricsAddress: `metrics-${id}:1`,
        learner: false,
      })),
      confState: { voters: ids, learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false },
      removedNonces: [],
      nextMemberId: size + 1,
    };
    for (const id of ids) {
      const delay = (): Promise<void> => this.queue.delay(0.1 + this.random.fraction() * 0.4);
      const disk = new SimulatedDisk({ random: this.random.fraction, delay });
      const folders = new SimulatedStateFolders(this.queue, this.random);
      this.members.push({ id, disk, folders, life: undefined });
    }
  }

  async start(member: SimulatedMember): Promise<void> {
    const environment = new SimulatedEnvironment(this.queue, this.random);
    environment.wallOffsetMs += this.random.below(3_600_000);
    const settings = { ...resolveSettings('locks', {}), ...this.#settings };
    const opening = Log.open({
      disk: member.disk.mount(),
      entrySize,
      segmentBytes: 256 * 1024,
      drawSalt: () => BigInt(this.random.below(2 ** 31)),
    });
    const { log } = await this.queue.until(opening);
    const { folders } = member;
    const folder = log.stateFolder ?? FIRST_STATE_FOLDER;
    const storage =
      folders.storage(folder) ??
      (log.stateFolder === undefined && folders.names().length === 0 ? folders.create(folder) : undefined);
    if (storage === undefined) throw new Error(`member ${member.id} lost its state folder ${folder}`);
    for (const other of folders.names())
      if (other !== folder) await this.queue.until(folders.mount().remove(other));
    const state = await StateMachine.open(storage);
    if (state.membership === undefined) {
      await state.bootstrap(this.#membership);
      await this.queue.until(folders.mount().sync(folder));
    }
    const { id } = member;
    const coreStorage = logStorage(log, state);
    const raft = new RawNode(
      coreConfig(
        id,
        settings,
        coreStorage,
        state.appliedIndex,
        (n) => environment.randomInt(n),
        new Logger('error'),
      ),
    );
    const driver = new Driver({
      id,
      origin: ++this.#lives,
      raft,
      log,
      state,
      transport: this.network.join(id, (task) => environment.run(task)),
      environment,
      settings: driverSettings(settings),
      snapshots: {
        folders: folders.mount(),
        folder,
        bytesPerSecond: settings.snapshotBytesPerSecond,
        chunkBytes: SNAPSHOT_CHUNK_BYTES,
        events: this.#observer.snapshots?.(id) ?? silentSnapshotEvents,
      },
      events: {
        applied: (applied, entry) => this.#observer.applied(id, entry, applied, state.hash),
        leaderChanged: (_lead, role) => {
          if (role === StateType.Leader) this.#observer.leading(id, raft.basicStatus().term);
        },
        logWritten: () => {},
        appliedIn: () => {},
        stateReplaced: () => this.#observer.installed?.(id, state.appliedIndex, state.hash),
        turnEnded: () => {},
        fatal: (error) => {
          throw error;
        },
      },
    });
    environment.every(200, () => void state.flush());
    environment.every(5000, () => void state.sync());
    member.life = { environment, driver, raft, state, log };
    await driver.start();
  }

  /** The machine loses power: what was not synced may be lost. */
  crash(member: SimulatedMember): void {
    member.life?.environment.kill();
    member.life = undefined;
    this.network.leave(member.id);
    member.disk.crash();
    member.folders.crash();
  }

  /** Resolves to what the command came to, or undefined when that is not known or it did not happen. */
  submit(member: SimulatedMember, command: Command): Promise<Result | undefined> {
    return new Promise((resolve) => {
      if (member.life === undefined) resolve(undefined);
      else member.life.driver.submit(command, (result) => resolve(result));
    });
  }

  /**
   * Waits for a moment in which all have applied the same, or gives up after `ms`: lease time moves on while there are leases, so
   * that one is often an entry ahead.
   */
  async converge(ms: number): Promise<void> {
    const end = this.queue.nowMs + ms;
    while (this.queue.nowMs < end) {
      const indexes = this.members.map((member) => member.life?.state.appliedIndex);
      if (indexes.every((index) => index !== undefined && index === indexes[0])) return;
      await this.queue.run(7);
    }
  }

  leaders(): SimulatedMember[] {
    return this.members.filter((member) => member.life?.driver.role === StateType.Leader);
  }
}
