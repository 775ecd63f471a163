import { LABELS } from '../build/names.js';
import type { KubeClient } from '../kube/client.js';
import { keyOf, type KubeObject, type ObjectRef } from '../kube/object.js';
import type { ResourceType } from '../kube/resource.js';
import { Reflector, type ReflectorOptions } from './reflector.js';
import { Store, type Change } from './store.js';

export interface CacheOptions {
  /** Undefined: all namespaces. */
  readonly namespaces: readonly string[] | undefined;
  /** Undefined: all objects of the kind. */
  readonly labelSelector?: string;
}

const BY_CLUSTER = 'cluster';

/** The objects of one kind in all namespaces that are looked after: one watch for each of these, or one for all. */
export class Cache<T extends KubeObject> {
  readonly type: ResourceType<T>;
  readonly #options: CacheOptions;
  /** By namespace; one under the empty name for all of them. */
  readonly #stores = new Map<string, Store<T>>();
  readonly #reflectors: Reflector<T>[] = [];
  readonly #running = Promise.withResolvers<void>();

  constructor(type: ResourceType<T>, options: CacheOptions) {
    this.type = type;
    this.#options = options;
    for (const namespace of options.namespaces ?? [''])
      this.#stores.set(namespace, new Store<T>({ [BY_CLUSTER]: clustersOf }));
  }

  /** Resolves once everything was heard of that there is. */
  get synced(): Promise<void> {
    return this.#running.promise.then(async () => {
      await Promise.all(this.#reflectors.map(({ synced }) => synced));
    });
  }

  get(ref: ObjectRef): T | undefined {
    return this.#storeOf(ref.namespace)?.get(ref);
  }

  list(): T[] {
    return [...this.#stores.values()].flatMap((store) => store.list());
  }

  /** What carries the label of this cluster. */
  ofCluster(cluster: ObjectRef): T[] {
    return this.#storeOf(cluster.namespace)?.by(BY_CLUSTER, keyOf(cluster)) ?? [];
  }

  /** What the API server has at this moment, without what is kept here. */
  async listNow(client: KubeClient, signal: AbortSignal): Promise<T[]> {
    const { labelSelector } = this.#options;
    const objects: T[] = [];
    for (const namespace of this.#stores.keys()) {
      const within = namespace === '' ? {} : { namespace };
      for (let more: string | undefined, page = 0; page === 0 || more !== undefined; page++) {
        const found = await client.list(this.type, { ...within, labelSelector, continue: more }, signal);
        objects.push(...found.items);
        more = found.continue;
      }
    }
    return objects;
  }

  onChange(listener: (change: Change<T>) => void): void {
    for (const store of this.#stores.values()) store.onChange(listener);
  }

  /** Until the signal says stop. */
  async run(
    client: KubeClient,
    onProblem: NonNullable<ReflectorOptions['onProblem']>,
    signal: AbortSignal,
  ): Promise<void> {
    const { labelSelector } = this.#options;
    for (const [namespace, store] of this.#stores) {
      const within = namespace === '' ? {} : { namespace };
      this.#reflectors.push(new Reflector(client, this.type, store, { ...within, labelSelector, onProblem }));
    }
    this.#running.resolve();
    await Promise.all(this.#reflectors.map((reflector) => reflector.run(signal)));
  }

  #storeOf(namespace: string | undefined): Store<T> | undefined {
    return this.#stores.get('') ?? this.#stores.get(namespace ?? '');
  }
}

/** The key of the cluster that an object belongs to by its label: an index, so none or one. */
export function clustersOf({ metadata }: KubeObject): string[] {
  const name = metadata.labels?.[LABELS.cluster];
  return name === undefined ? [] : [keyOf({ namespace: metadata.namespace, name })];
}
