import { setTimeout as sleep } from 'node:timers/promises';

import type { RunningCluster } from '../clusters/running.js';
import type { Pod } from '../web.js';

const LOOK_EVERY_MS = 150;

/** A pod that took the place of another. */
export interface Restart {
  readonly pod: string;
  readonly atMs: number;
  /** Who led when it was first missed. */
  readonly leader: string | undefined;
}

/** Looks at the members of a cluster all the time: how many are ready, and which pods are replaced, in which order. */
export class HealthWatch {
  readonly restarts: Restart[] = [];
  fewestReady = Infinity;
  readonly #ended = new AbortController();
  readonly #uids = new Map<string, string>();
  #work: Promise<void> = Promise.resolve();

  private constructor(readonly cluster: RunningCluster) {}

  static start(cluster: RunningCluster): HealthWatch {
    const watch = new HealthWatch(cluster);
    watch.#work = watch.#look();
    return watch;
  }

  async stop(): Promise<this> {
    this.#ended.abort();
    await this.#work;
    return this;
  }

  async #look(): Promise<void> {
    let leader: string | undefined;
    while (!this.#ended.signal.aborted) {
      // An API server that is away is a case of the tests.
      const pods = await this.cluster.pods().catch(() => undefined);
      for (const { metadata } of pods ?? []) {
        const before = this.#uids.get(metadata.name);
        this.#uids.set(metadata.name, metadata.uid);
        if (before !== undefined && before !== metadata.uid)
          this.restarts.push({ pod: metadata.name, atMs: Date.now(), leader });
      }
      if (pods !== undefined) this.fewestReady = Math.min(this.fewestReady, pods.filter(isReady).length);
      leader = (await this.cluster.get().catch(() => undefined))?.status?.leader ?? leader;
      await sleep(LOOK_EVERY_MS);
    }
  }
}

export function isReady({ status }: Pod): boolean {
  return status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
}
