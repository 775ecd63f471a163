import type { Command, Result } from '@aegis/proto/replica/command';
import type { Standing } from '@aegis/proto/replica/peer';

import { StateType } from '../raft/index.js';
import { standingOf } from '../server/join/standing.js';
import { type ConsensusSettings, resolveSettings } from '../settings/index.js';
import type { Membership } from '../state/index.js';
import { EventQueue } from './event-queue.js';
import { beginLife, type ClusterObserver, type Life } from './life.js';
import { MachineClock } from './machine-clock.js';
import { Random } from './random.js';
import { SimulatedEnvironment } from './simulated-environment.js';
import { nonceOf, SimulatedMember } from './simulated-member.js';
import { type NetworkOptions, SimulatedNetwork } from './simulated-network.js';
import { SimulatedNewcomer } from './simulated-newcomer.js';

export type { ClusterObserver } from './life.js';
export { SimulatedMember } from './simulated-member.js';

export interface ClusterOptions {
  readonly network?: NetworkOptions;
  readonly segmentBytes?: number;
  /** Small, so that small states travel in many. */
  readonly snapshotChunkBytes?: number;
  /** Whether each process keeps a page of metrics. */
  readonly telemetry?: boolean;
}

const CLUSTER_ID = 'simulated';

/** What the machine in a place is called, and where it listens. */
export function addressesAt(place: number) {
  return {
    name: `member-${place}`,
    peerAddress: `peer-${place}:1`,
    clientAddress: `client-${place}:1`,
    metricsAddress: `metrics-${place}:1`,
  };
}

/** A cluster of real cores, logs, state machines and drivers in a simulated world, drawn from one seed. */
export class SimulatedCluster {
  readonly queue = new EventQueue();
  readonly random: Random;
  readonly network: SimulatedNetwork;
  /** Machines whose folders are members, or were until they hear that they were removed. */
  readonly members: SimulatedMember[] = [];
  readonly #settings: ConsensusSettings;
  readonly #observer: ClusterObserver;
  readonly #membership: Membership;
  readonly #options: ClusterOptions;
  #lives = 0;

  constructor(
    size: number,
    seed: number,
    observer: ClusterObserver,
    settings: Partial<ConsensusSettings> = {},
    options: ClusterOptions = {},
  ) {
    this.random = new Random(seed);
    this.network = new SimulatedNetwork(this.queue, this.random, { encodes: true, ...options.network });
    this.#observer = observer;
    this.#options = options;
    const ids = Array.from({ length: size }, (_, at) => at + 1);
    this.#membership = {
      clusterId: CLUSTER_ID,
      members: ids.map((id) => ({ id, nonce: nonceOf(id), ...addressesAt(id), learner: false })),
      confState: { voters: ids, learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false },
      removedNonces: [],
      nextMemberId: size + 1,
    };
    this.#settings = { ...resolveSettings('locks', {}), ...settings };
    for (const id of ids) this.members.push(new SimulatedMember(id, this.#settings, this.queue, this.random));
  }

  /** The first members, which every folder begins with. */
  get membership(): Membership {
    return this.#membership;
  }

  /** A machine with an empty folder, on the clock that is there if there was a machine before. */
  prepare(place: number, clock?: MachineClock): SimulatedNewcomer {
    const { queue, random, network } = this;
    const drawn = Array.from({ length: 4 }, () =>
      random
        .below(2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    );
    const nonce = drawn.join('');
    return new SimulatedNewcomer({
      place,
      nonce,
      clock: clock ?? new MachineClock(queue, random.below(3_600_000)),
      queue,
      random,
      clusterId: CLUSTER_ID,
      ask: (other, answer) => {
        const wayMs = network.wayMs(place, other);
        if (wayMs === undefined) return;
        queue.after(wayMs, () => {
          const reply = (standing: Standing | undefined): void => {
            const backMs = network.wayMs(other, place);
            if (backMs !== undefined) queue.after(backMs, () => answer(standing));
          };
          const life = this.members.find((member) => member.place === other)?.life;
          if (life === undefined) reply(undefined);
          else life.environment.run(() => reply(standingOf(life.state.membership!, nonce)));
        });
      },
    });
  }

  /** The cluster has told a waiting folder which member it is. */
  adopt(newcomer: SimulatedNewcomer, id: number): SimulatedMember {
    newcomer.kill();
    const member = new SimulatedMember(id, this.#settings, this.queue, this.random, newcomer);
    this.members.push(member);
    return member;
  }

  /** The folder is of no use to anybody any more; its process must have ended. */
  forget(member: SimulatedMember): void {
    const at = this.members.indexOf(member);
    if (at >= 0) this.members.splice(at, 1);
  }

  async start(member: SimulatedMember): Promise<void> {
    await this.queue.until(this.boot(member));
  }

  /** The same from within the simulated world. Never ends if the member crashes first; rejects if it refuses to start. */
  async boot(member: SimulatedMember): Promise<Life> {
    const environment = new SimulatedEnvironment(this.queue, this.random, member.clock);
    environment.busyMs = member.busyMs;
    member.environment = environment;
    const { random, network } = this;
    const { segmentBytes = 256 * 1024, snapshotChunkBytes = 512, telemetry = false } = this.#options;
    member.life = await beginLife({
      member,
      environment,
      random,
      network,
      membership: this.#membership,
      origin: ++this.#lives,
      observer: this.#observer,
      segmentBytes,
      snapshotChunkBytes,
      telemetry,
    });
    return member.life;
  }

  /** The machine loses power: what was not synced may be lost. */
  crash(member: SimulatedMember): void {
    member.crash();
    this.network.leave(member.id);
  }

  /** The process ends at once; the machine goes on. */
  kill(member: SimulatedMember): void {
    member.kill();
    this.network.leave(member.id);
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
