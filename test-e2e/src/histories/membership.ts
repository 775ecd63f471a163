import { AegisError, type Client } from '@aegis/client';
import { MemberKeeper, type Place } from '@aegis/client/supervisor';
import { setTimeout as sleep } from 'node:timers/promises';

import { eventually } from '../harness/clock.js';
import type { Cluster } from '../harness/cluster.js';
import type { Replica } from '../harness/replica.js';
import { emptyFolder } from './small-disk.js';
import type { Victims } from './victims.js';

/** The sixth replica, which has no vote. */
const LEARNER = 'aegis-6';
const START_MS = 30_000;
const ASK_AGAIN_MS = 200;
/** How long whoever was removed may take to find out, in milliseconds: faults may keep it from everybody for a while. */
const REMOVED_MS = 30_000;
/** The exit status of a replica that was removed from its cluster. */
const REMOVED = 66;

/**
 * Changes who the members are while clients work. A place whose folder is lost is given a new member by the keeper of `aegis up`,
 * one at a time; a learner comes, with an empty folder and under a new id each time, and goes.
 */
export class Membership {
  /** Five, whoever is in them. */
  readonly places: readonly Replica[];
  readonly #cluster: Cluster;
  readonly #victims: Victims;
  readonly #client: Client;
  readonly #keeper: MemberKeeper;
  #lost: Replica | undefined;
  #learner: Replica | undefined;
  /** `leaving`: its removal was asked for, and was not answered yet. */
  #learnerIs: 'out' | 'in' | 'leaving' = 'out';
  /** Whether it was ever wanted, so that it is there in the end. */
  #wanted = false;
  replaced = 0;
  admitted = 0;

  constructor(cluster: Cluster, victims: Victims, say: (line: string) => void) {
    this.#cluster = cluster;
    this.#victims = victims;
    this.places = [...cluster.replicas];
    this.#client = cluster.connect();
    const places = this.places;
    const keeping = {
      get current() {
        return { members: places.map(placeOf) };
      },
      renumber: (name: string, id: number) => this.#voter(name, id),
    };
    this.#keeper = new MemberKeeper(keeping, this.#client.cluster, say);
    this.#keeper.start();
  }

  stop(): void {
    this.#keeper.stop();
  }

  /** The place that is without a voter of its own now. Another one that lost its folder could take acknowledged writes with it. */
  get lost(): Replica | undefined {
    return this.#lost;
  }

  /** The folder of a place is lost with the process that ran on it; another one starts on an empty folder. */
  async lose(place: Replica): Promise<void> {
    if (this.#lost !== undefined) throw new Error(`${this.#lost.member.name} is not replaced yet`);
    this.#lost = place;
    await this.#victims.wipe(place);
  }

  /** Waits until every place has a voter. False: not in that time. */
  async complete(withinMs: number): Promise<boolean> {
    const endMs = performance.now() + withinMs;
    while (this.#lost !== undefined && performance.now() < endMs) await sleep(ASK_AGAIN_MS);
    return this.#lost === undefined;
  }

  /** Adds the learner. Undefined: the cluster could not do it in that time; the next attempt goes on with the same folder. */
  async admit(withinMs: number): Promise<number | undefined> {
    this.#wanted = true;
    const learner = (this.#learner ??= await this.#cluster.newcomer(LEARNER));
    if (this.#learnerIs === 'in') return learner.id;
    if (this.#learnerIs === 'leaving' && !(await this.expel(withinMs))) return undefined;
    if (!learner.running) learner.start();
    const nonce = await nonceOf(learner);
    const { name, peerAddress, clientAddress, metricsAddress } = learner.member;
    const asked = { nonce, name, peerAddress, clientAddress, metricsAddress };
    const added = await this.#ask(withinMs, () => this.#client.cluster.addLearner(asked));
    if (added === undefined) return undefined;
    this.#cluster.adopt(learner, added.memberId);
    this.#learnerIs = 'in';
    this.admitted++;
    return added.memberId;
  }

  /** Removes the learner: it ends by itself, and its folder goes. False: the cluster could not do it in that time. */
  async expel(withinMs: number): Promise<boolean> {
    const learner = this.#learner!;
    const { id } = learner;
    if (this.#learnerIs === 'in') {
      // From here on its end is no surprise, and nobody else starts it again.
      this.#victims.wake(learner);
      this.#cluster.dismiss(id);
      this.#learnerIs = 'leaving';
    }
    const removed = await this.#ask(withinMs, () =>
      this.#client.cluster.remove(id).catch((error: AegisError) => {
        // An earlier request that was not answered did it.
        if (error.code === 'MEMBER_NOT_FOUND') return true;
        throw error;
      }),
    );
    if (removed === undefined) return false;
    await eventually(`${LEARNER}, member ${id}, ending after its removal`, REMOVED_MS, async () => {
      if (learner.running) return undefined;
      const { code } = await learner.process.ended;
      if (code === REMOVED) return true;
      // Killed before it knew.
      learner.start();
      return undefined;
    });
    await emptyFolder(learner.dataPath);
    this.#learnerIs = 'out';
    return true;
  }

  /** Everything that was begun comes to its end: all places have voters, and the learner is there if there ever was one. */
  async restore(withinMs: number): Promise<void> {
    if (this.#wanted && (await this.admit(withinMs)) === undefined)
      throw new Error(`${LEARNER} was not added within ${withinMs} ms, with nothing wrong any more`);
    if (!(await this.complete(withinMs)))
      throw new Error(
        `${this.#lost!.member.name} was not replaced within ${withinMs} ms, with nothing wrong any more`,
      );
  }

  #voter(name: string, id: number): void {
    const place = this.places.find(({ member }) => member.name === name)!;
    place.became(id);
    if (place !== this.#lost) throw new Error(`${name} became member ${id} without having lost its folder`);
    this.#lost = undefined;
    this.replaced++;
  }

  /** Asks until there is an answer. Undefined: there was none in time. */
  async #ask<T>(withinMs: number, make: () => Promise<T>): Promise<T | undefined> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      try {
        return await make();
      } catch (error) {
        if (!(error instanceof AegisError) || !(error.retryable || error.code === 'QUORUM_AT_RISK'))
          throw error;
      }
      if (performance.now() > endMs) return undefined;
      await sleep(ASK_AGAIN_MS);
    }
  }
}

/** Of its folder, whether it waits to be added or was added by a request that nobody answered. */
function nonceOf(replica: Replica): Promise<string> {
  return eventually(`${replica.member.name} telling its nonce`, START_MS, async () => {
    if (!replica.running)
      throw new Error(`${replica.member.name} is not running:\n${replica.process.tail()}`);
    const answer = await replica.get('/member').catch(() => undefined);
    return ((await answer?.json()) as { nonce: string } | undefined)?.nonce;
  });
}

function placeOf({ member, running, process }: Replica): Place {
  return { ...member, process: running ? { pid: process.pid } : null };
}
