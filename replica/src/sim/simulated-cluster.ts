import type { Command, Result } from '@aegis/proto/replica/command';

import { Log } from '../log/index.js';
import { SimulatedDisk } from '../log/disk-simulated.js';
import { type Entry, RawNode, StateType } from '../raft/index.js';
import { coreConfig, driverSettings, entrySize } from '../server/consensus.js';
import { Driver } from '../server/driver/driver.js';
import { logStorage } from '../server/driver/log-storage.js';
import { Logger } from '../server/logger.js';
import { resolveSettings } from '../settings/index.js';
import { type Applied, MemoryStorage, type Membership, StateMachine } from '../state/index.js';
import { EventQueue } from './event-queue.js';
import { Random } from './random.js';
import { SimulatedEnvironment } from './simulated-environment.js';
import { SimulatedNetwork } from './simulated-network.js';

/** One life of a member's process. */
interface Life {
  readonly environment: SimulatedEnvironment;
  readonly driver: Driver;
  readonly raft: RawNode;
  readonly state: StateMachine;
}

export interface SimulatedMember {
  readonly id: number;
  readonly disk: SimulatedDisk;
  readonly storage: MemoryStorage;
  life: Life | undefined;
}

export interface ClusterObserver {
  applied(member: number, entry: Entry, applied: Applied, hash: string): void;
  leading(member: number, term: number): void;
}

/** A cluster of real cores, logs, state machines and drivers in a simulated world, drawn from one seed. */
export class SimulatedCluster {
  readonly queue = new EventQueue();
  readonly random: Random;
  readonly network: SimulatedNetwork;
  readonly members: SimulatedMember[] = [];
  readonly #observer: ClusterObserver;
  readonly #membership: Membership;
  #lives = 0;

  constructor(size: number, seed: number, observer: ClusterObserver) {
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
      this.members.push({ id, disk, storage: new MemoryStorage(), life: undefined });
    }
  }

  async start(member: SimulatedMember): Promise<void> {
    const environment = new SimulatedEnvironment(this.queue, this.random);
    environment.wallOffsetMs += this.random.below(3_600_000);
    const settings = resolveSettings('locks', {});
    const opening = Log.open({
      disk: member.disk.mount(),
      entrySize,
      segmentBytes: 256 * 1024,
      drawSalt: () => BigInt(this.random.below(2 ** 31)),
    });
    // The simulated disk needs simulated time to answer.
    let opened: Awaited<typeof opening> | undefined;
    void opening.then((value) => (opened = value));
    while (opened === undefined) await this.queue.run(1);
    const { log } = opened;
    const state = await StateMachine.open(member.storage);
    if (state.membership === undefined) await state.bootstrap(this.#membership);
    const { id } = member;
    const storage = logStorage(log, state.appliedIndex, state.membership!.confState);
    const raft = new RawNode(
      coreConfig(
        id,
        settings,
        storage,
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
      events: {
        applied: (applied, entry) => this.#observer.applied(id, entry, applied, state.hash),
        leaderChanged: (_lead, role) => {
          if (role === StateType.Leader) this.#observer.leading(id, raft.basicStatus().term);
        },
        logWritten: () => {},
        appliedIn: () => {},
        turnEnded: () => {},
        fatal: (error) => {
          throw error;
        },
      },
    });
    environment.every(200, () => void state.flush());
    environment.every(5000, () => void state.sync());
    member.life = { environment, driver, raft, state };
    await driver.start();
  }

  /** The machine loses power: what was not synced may be lost. */
  crash(member: SimulatedMember): void {
    member.life?.environment.kill();
    member.life = undefined;
    this.network.leave(member.id);
    member.disk.crash();
    member.storage.crash();
  }

  /** Resolves to what the command came to, or undefined when that is not known or it did not happen. */
  submit(member: SimulatedMember, command: Command): Promise<Result | undefined> {
    return new Promise((resolve) => {
      if (member.life === undefined) resolve(undefined);
      else member.life.driver.submit(command, (result) => resolve(result));
    });
  }

  leaders(): SimulatedMember[] {
    return this.members.filter((member) => member.life?.driver.role === StateType.Leader);
  }
}
