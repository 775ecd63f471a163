import { setTimeout as sleep } from 'node:timers/promises';

import type { Cluster } from '../harness/cluster.js';
import { FAULTS, type FaultName } from './nemesis-faults.js';
import type { Random } from '@aegis/replica/sim';
import { nowNs, type NdjsonFile } from './recorder.js';
import type { Victims } from './victims.js';

/** Breaks the cluster and mends it, one thing after the other, now and then two at once. */
export class Nemesis {
  readonly counts = new Map<FaultName, number>();
  readonly #cluster: Cluster;
  readonly #victims: Victims;
  readonly #names: readonly FaultName[];
  readonly #random: Random;
  readonly #file: NdjsonFile;
  #deck: FaultName[] = [];

  constructor(
    cluster: Cluster,
    victims: Victims,
    names: readonly FaultName[],
    random: Random,
    file: NdjsonFile,
  ) {
    this.#cluster = cluster;
    this.#victims = victims;
    this.#names = names;
    this.#random = random;
    this.#file = file;
  }

  /** Resolves when it is over, with the last fault mended. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await sleep(this.#random.between(200, 1_500));
      if (isOver()) return;
      const names = this.#draw(this.#random.chance(0.25) ? 2 : 1);
      await Promise.all(names.map((name) => this.#once(name, this.#random.fork(), isOver)));
      // What ended by itself, as a failed sync makes it, comes back like what was killed.
      await this.#victims.revive();
    }
  }

  /** From a deck: every kind has its turn before one comes again. */
  #draw(count: number): FaultName[] {
    if (this.#deck.length === 0) this.#deck = this.#random.shuffled(this.#names);
    return this.#deck.splice(0, count);
  }

  async #once(name: FaultName, random: Random, isOver: () => boolean): Promise<void> {
    const durationMs = random.between(300, random.chance(0.2) ? 6_000 : 2_500);
    const fault = FAULTS[name](random);
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    const heal = await fault.begin(this.#cluster, this.#victims, random);
    this.#file.add({
      at_ns: nowNs(),
      nemesis: name,
      what: fault.what(),
      duration_ms: Math.round(durationMs),
    });
    const endMs = performance.now() + durationMs;
    while (performance.now() < endMs && !isOver()) await sleep(50);
    await heal();
    this.#file.add({ at_ns: nowNs(), nemesis: name, what: 'healed' });
  }
}
