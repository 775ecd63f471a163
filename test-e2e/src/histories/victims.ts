import type { Order as FaultOrder } from '@aegis/client/chaos';
import { inject } from '../harness/fault-channel.js';
import type { Cluster } from '../harness/cluster.js';
import type { Replica } from '../harness/replica.js';
import type { Random } from '@aegis/replica/sim';
import type { Membership } from './membership.js';
import { emptyFolder } from './small-disk.js';

/** How long a replica may take to be ready again once nothing is wrong any more. */
const READY_MS = 60_000;

/** Errors of an order to a process that is about to be gone, or has not come up yet. */
const UNHEARD: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

/** The replicas as the nemesis treats them; notes who ends without having been made to. */
export class Victims {
  /** What replicas did that nothing excuses. */
  readonly surprises: string[] = [];
  readonly #cluster: Cluster;
  readonly #stopped = new Set<Replica>();
  /** Whose end was caused, or may have been, since it was started last. */
  readonly #excused = new Set<Replica>();
  readonly #seenDead = new Set<Replica['process']>();
  /** Whose folder is being emptied: nothing may be started on it. */
  readonly #withheld = new Set<Replica>();
  ended = 0;
  /** Who changes the membership; undefined: nobody does. */
  membership: Membership | undefined;

  /** Those whose disk a test can fill in earnest. */
  readonly onSmallDisks: readonly Replica[];

  constructor(cluster: Cluster, onSmallDisks: readonly Replica[]) {
    this.#cluster = cluster;
    this.onSmallDisks = onSmallDisks;
  }

  get all(): readonly Replica[] {
    return this.#cluster.replicas;
  }

  /** Some replicas: mostly few, the leader more often than the others. */
  async some(random: Random, atMost: number): Promise<Replica[]> {
    const count = 1 + random.below(atMost);
    const wantsLeader = random.chance(0.5);
    const shuffled = random.shuffled(this.all);
    if (!wantsLeader) return shuffled.slice(0, count);
    const leader = await this.leader();
    if (leader === undefined) return shuffled.slice(0, count);
    return [leader, ...shuffled.filter((replica) => replica !== leader)].slice(0, count);
  }

  async leader(): Promise<Replica | undefined> {
    const statuses = await this.#cluster.statuses();
    const leading = statuses.filter(({ role }) => role === 'leader').toSorted((a, b) => b.term - a.term)[0];
    return this.all.find(({ id }) => id === leading?.memberId);
  }

  async kill(replica: Replica): Promise<void> {
    this.#stopped.delete(replica);
    this.#excused.add(replica);
    await replica.kill();
  }

  /** Kills it, and it comes back with an empty folder. */
  async wipe(replica: Replica): Promise<void> {
    this.#withheld.add(replica);
    await this.kill(replica);
    await emptyFolder(replica.dataPath);
    this.#withheld.delete(replica);
    this.look();
    this.#start(replica);
  }

  pause(replica: Replica): void {
    if (!replica.running) return;
    this.#stopped.add(replica);
    replica.signal('SIGSTOP');
  }

  wake(replica: Replica): void {
    if (!this.#stopped.delete(replica) || !replica.running) return;
    replica.signal('SIGCONT');
  }

  /** Its end is now to be expected. */
  excuse(replica: Replica): void {
    this.#excused.add(replica);
  }

  /** False: it could not be told, because it is down, stopped or on its way up. */
  async inject(replica: Replica, order: FaultOrder): Promise<boolean> {
    if (!replica.running || this.#stopped.has(replica)) return false;
    try {
      await inject(replica, order);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== undefined && UNHEARD.has(code)) return false;
      if (!replica.running || this.#stopped.has(replica)) return false;
      throw error;
    }
  }

  /** Starts whoever is down. */
  async revive(): Promise<void> {
    this.look();
    for (const replica of this.all) {
      if (!replica.running && !this.#withheld.has(replica)) this.#start(replica);
    }
  }

  #start(replica: Replica): void {
    this.#excused.delete(replica);
    replica.start();
  }

  /** Notes who has ended by itself. */
  look(): void {
    for (const replica of this.all) {
      const life = replica.process;
      if (replica.running || this.#seenDead.has(life)) continue;
      this.#seenDead.add(life);
      this.ended++;
      if (!this.#excused.has(replica)) this.surprises.push(`${life.name} ended by itself:\n${life.tail(30)}`);
    }
  }

  /** Ends every fault, and waits until all are up and agree, and every place has its voter. */
  async recover(): Promise<void> {
    for (const replica of this.all) this.wake(replica);
    for (const replica of this.all) await this.inject(replica, { fault: 'none' });
    await this.revive();
    await this.membership?.restore(READY_MS);
    const endMs = performance.now() + READY_MS;
    for (;;) {
      await this.revive();
      for (const replica of this.all) await this.inject(replica, { fault: 'none' });
      try {
        await this.#cluster.settled(5_000);
        return;
      } catch (error) {
        if (performance.now() > endMs) throw error;
      }
    }
  }
}
