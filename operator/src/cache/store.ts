import { keyOf, type KubeObject, type ObjectRef } from '../kube/object.js';

export type Change<T> =
  | { readonly type: 'added'; readonly object: T }
  | { readonly type: 'changed'; readonly object: T; readonly before: T }
  | { readonly type: 'deleted'; readonly object: T };

/** By which values an object is to be found. */
export type Indexer<T> = (object: T) => readonly string[];

/** The objects of one kind as they were last heard of, found by name or by index. Objects are never changed in place. */
export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexers: ReadonlyMap<string, Indexer<T>>;
  /** Invariant: index → value → keys of just the objects that have it; no empty set. */
  readonly #indexes = new Map<string, Map<string, Set<string>>>();
  readonly #listeners = new Set<(change: Change<T>) => void>();

  constructor(indexers: Readonly<Record<string, Indexer<T>>> = {}) {
    this.#indexers = new Map(Object.entries(indexers));
    for (const name of this.#indexers.keys()) this.#indexes.set(name, new Map());
  }

  get size(): number {
    return this.#objects.size;
  }

  get(ref: ObjectRef): T | undefined {
    return this.#objects.get(keyOf(ref));
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  /** Throws for an index that was not asked for at the beginning. */
  by(index: string, value: string): T[] {
    const values = this.#indexes.get(index);
    if (values === undefined)
      throw new Error(`there is no index ${index}; there are ${[...this.#indexes.keys()].join(', ')}`);
    return [...(values.get(value) ?? [])].map((key) => this.#objects.get(key)!);
  }

  onChange(listener: (change: Change<T>) => void): void {
    this.#listeners.add(listener);
  }

  put(object: T): void {
    const key = keyOf(object.metadata);
    const before = this.#objects.get(key);
    if (before !== undefined && before.metadata.resourceVersion === object.metadata.resourceVersion) return;
    if (before !== undefined) this.#unindex(key, before);
    this.#objects.set(key, object);
    this.#index(key, object);
    // One that was deleted and made again while nobody looked is two changes.
    if (before !== undefined && before.metadata.uid !== object.metadata.uid) {
      this.#tell({ type: 'deleted', object: before });
      this.#tell({ type: 'added', object });
    } else this.#tell(before === undefined ? { type: 'added', object } : { type: 'changed', object, before });
  }

  delete(ref: ObjectRef): void {
    const key = keyOf(ref);
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    this.#unindex(key, object);
    this.#tell({ type: 'deleted', object });
  }

  /** Everything that there is now. What is not in it was deleted unseen. */
  replace(objects: readonly T[]): void {
    const there = new Set(objects.map(({ metadata }) => keyOf(metadata)));
    for (const object of this.list()) if (!there.has(keyOf(object.metadata))) this.delete(object.metadata);
    for (const object of objects) this.put(object);
  }

  #tell(change: Change<T>): void {
    for (const listener of this.#listeners) listener(change);
  }

  #index(key: string, object: T): void {
    for (const [name, indexer] of this.#indexers) {
      const values = this.#indexes.get(name)!;
      for (const value of indexer(object)) {
        const keys = values.get(value);
        if (keys === undefined) values.set(value, new Set([key]));
        else keys.add(key);
      }
    }
  }

  #unindex(key: string, object: T): void {
    for (const [name, indexer] of this.#indexers) {
      const values = this.#indexes.get(name)!;
      for (const value of indexer(object)) {
        const keys = values.get(value);
        keys?.delete(key);
        if (keys?.size === 0) values.delete(value);
      }
    }
  }
}
