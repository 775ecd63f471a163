import type { Order, Stage } from '@aegis/client/chaos';
import type { SimulatedMember } from '@aegis/replica/sim';

import type { World } from '../world/world.js';

/** Until somebody starts a killed replica again, as the supervisor of `aegis up` does. */
const STARTED_AGAIN_MS = 500;
/** How long a sound replica works on one thing, in milliseconds: what a share of a processor is a share of. */
const WORK_MS = 0.05;
/** What one megabyte of garbage costs, in milliseconds. */
const GARBAGE_MS = 0.0002;

/** A simulated world as a stage for traces: the same orders mean the same things. */
export class SimulatedStage implements Stage {
  readonly members: readonly number[];
  readonly #starts = new Map<number, number>();
  readonly #jumped = new Map<number, number>();

  constructor(private readonly world: World) {
    this.members = world.cluster.members.map(({ id }) => id);
  }

  async leader(): Promise<number> {
    const [leader] = this.world.cluster.leaders();
    if (leader === undefined) throw new Error('nobody leads');
    return leader.id;
  }

  async order(id: number, order: Order): Promise<void> {
    const member = this.world.member(id);
    this.world.note(id, `is ordered ${JSON.stringify(order)}`);
    const number = (name: string): number => Number(order[name] ?? 0);
    const { disk, busyMs } = this.world.plan.environment;
    switch (order.fault) {
      case 'link':
        this.#link(member, this.world.member(number('to')), order);
        break;
      case 'fsync': {
        const ms = number('slowMs');
        member.diskStands = order['stalled'] === true;
        member.pace = { ...disk, msMin: disk.msMin + ms, msMax: disk.msMax + ms };
        break;
      }
      case 'disk':
        this.world.processes.troubled(member);
        member.disk.capacityBytes = order['full'] === true ? member.disk.folder.usedBytes() : Infinity;
        break;
      case 'clock': {
        const offsetMs = number('offsetMs');
        member.clock.jump(offsetMs - (this.#jumped.get(id) ?? 0));
        this.#jumped.set(id, offsetMs);
        member.clock.setRate(1 + number('driftPpm') / 1e6);
        break;
      }
      case 'jump':
        member.clock.jump(number('ms'));
        break;
      case 'stall':
        this.world.processes.pause(member);
        this.world.cluster.queue.after(number('ms'), () => this.world.processes.resume(member));
        break;
      case 'garbage':
        if (member.environment !== undefined)
          member.environment.busyMs = busyMs + GARBAGE_MS * number('mbPerSecond');
        break;
      default:
        throw new Error(`there is no fault ${order.fault} in simulated worlds`);
    }
  }

  async kill(id: number): Promise<void> {
    const member = this.world.member(id);
    this.world.processes.kill(member);
    this.world.cluster.queue.after(STARTED_AGAIN_MS, () => {
      this.#starts.set(id, (this.#starts.get(id) ?? 0) + 1);
      this.world.processes.start(member);
    });
  }

  async pause(id: number): Promise<void> {
    this.world.processes.pause(this.world.member(id));
  }

  async resume(id: number): Promise<void> {
    this.world.processes.resume(this.world.member(id));
  }

  async throttle(id: number, percent: number | undefined): Promise<void> {
    const { environment } = this.world.member(id);
    const { busyMs } = this.world.plan.environment;
    if (environment !== undefined)
      environment.busyMs = percent === undefined ? busyMs : busyMs + WORK_MS * (100 / percent - 1);
  }

  async handOver(to: number): Promise<void> {
    const leader = this.world.member(await this.leader());
    leader.life?.environment.run(() => leader.life?.driver.transferLeadership(to));
    // A transfer has an election timeout of its own: until it is over, nobody looks whether a quorum answers.
    this.world.checks.elections.awake(leader.id);
  }

  life(id: number): string | undefined {
    return this.world.member(id).environment === undefined ? undefined : String(this.#starts.get(id) ?? 0);
  }

  #link(from: SimulatedMember, to: SimulatedMember, order: Order): void {
    const { network } = this.world.cluster;
    const { link } = this.world.plan.environment;
    const number = (name: string): number => Number(order[name] ?? 0);
    if (order['cut'] === true) network.cut(from.place, to.place);
    else network.heal(from.place, to.place);
    network.setQuality(from.place, to.place, {
      ...link,
      loss: Math.min(1, link.loss + number('lossPercent') / 100),
      delayMsMin: link.delayMsMin + number('delayMs'),
      delayMsMax: link.delayMsMax + number('delayMs') + number('jitterMs'),
    });
  }
}
