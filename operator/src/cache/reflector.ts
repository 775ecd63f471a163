import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient, Selection } from '../kube/client.js';
import { isExpired } from '../kube/errors.js';
import type { KubeObject } from '../kube/object.js';
import type { ResourceType } from '../kube/resource.js';
import { pauseBefore } from '../kube/retry.js';
import type { Store } from './store.js';

export interface ReflectorOptions extends Selection {
  /** Objects a page of a list. */
  readonly pageSize?: number;
  readonly pauseMsMin?: number;
  readonly pauseMsMax?: number;
  /** What went wrong; the reflector goes on by itself. */
  readonly onProblem?: (problem: { readonly doing: 'list' | 'watch'; readonly error: unknown }) => void;
}

/**
 * Keeps a store equal to what the API server has: lists, then watches from the list's version, and goes on watching from the last
 * version heard whenever a watch ends. Only when the server no longer knows that version (410) it lists anew. It never gives up,
 * and what was deleted while it could not see is told as deleted.
 */
export class Reflector<T extends KubeObject> {
  readonly #client: KubeClient;
  readonly #type: ResourceType<T>;
  readonly #store: Store<T>;
  readonly #options: ReflectorOptions;
  /** Where to go on; undefined: list first. */
  #version: string | undefined;
  #failures = 0;
  readonly #synced = Promise.withResolvers<void>();
  #lists = 0;

  constructor(client: KubeClient, type: ResourceType<T>, store: Store<T>, options: ReflectorOptions = {}) {
    this.#client = client;
    this.#type = type;
    this.#store = store;
    this.#options = options;
  }

  /** Resolves once the store has held everything. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** How many times it had to list. */
  get lists(): number {
    return this.#lists;
  }

  /** Until the signal says stop. */
  async run(signal: AbortSignal): Promise<void> {
    const { onProblem, pauseMsMin = 200, pauseMsMax = 30_000 } = this.#options;
    while (!signal.aborted) {
      const doing = this.#version === undefined ? 'list' : 'watch';
      try {
        if (this.#version === undefined) await this.#list(signal);
        else await this.#watch(this.#version, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (isExpired(error)) this.#version = undefined;
        onProblem?.({ doing, error });
        const pauseMs = pauseBefore(++this.#failures, { pauseMsMin, pauseMsMax });
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { namespace, labelSelector, pageSize = 500 } = this.#options;
    const objects: T[] = [];
    let more: string | undefined;
    this.#lists++;
    do {
      const selection = { namespace, labelSelector, limit: pageSize, continue: more };
      const page = await this.#client.list(this.#type, selection, signal);
      objects.push(...page.items);
      more = page.continue;
      if (more === undefined) this.#version = page.resourceVersion;
    } while (more !== undefined);
    this.#store.replace(objects);
    this.#synced.resolve();
  }

  async #watch(from: string, signal: AbortSignal): Promise<void> {
    for await (const event of this.#client.watch(this.#type, this.#options, from, signal)) {
      // Something came: the server is well, whatever was before.
      this.#failures = 0;
      this.#version = event.object.metadata.resourceVersion ?? this.#version;
      switch (event.type) {
        case 'ADDED':
        case 'MODIFIED':
          this.#store.put(event.object);
          break;
        case 'DELETED':
          this.#store.delete(event.object.metadata);
          break;
        case 'BOOKMARK':
      }
    }
  }
}
