import { randomUUID } from 'node:crypto';
import { keyOf, type ObjectRef } from '../kube/object.js';
import type { StoredObject } from './objects.js';

export interface StoredEvent {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly collection: string;
  readonly object: StoredObject;
}

/** What an API server keeps: objects by collection, one counter of versions, and the changes that watches can still begin from. */
export class Storage {
  readonly #collections = new Map<string, Map<string, StoredObject>>();
  readonly #history: StoredEvent[] = [];
  readonly #watchers = new Set<(event: StoredEvent) => void>();
  #version = 100;
  /** Versions up to this one can no longer be watched from. */
  #compacted = 0;

  get version(): number {
    return this.#version;
  }

  get compacted(): number {
    return this.#compacted;
  }

  get collections(): string[] {
    return [...this.#collections.keys()];
  }

  list(collection: string): StoredObject[] {
    const objects = [...(this.#collections.get(collection)?.entries() ?? [])];
    return objects.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  get(collection: string, ref: ObjectRef): StoredObject | undefined {
    return this.#collections.get(collection)?.get(keyOf(ref));
  }

  /** Stores it with a new version. A change that changes nothing gets none. */
  put(collection: string, object: StoredObject): StoredObject {
    const before = this.get(collection, object.metadata);
    const plain = (each: StoredObject): string =>
      JSON.stringify({ ...each, metadata: { ...each.metadata, resourceVersion: '' } });
    const settled = {
      ...object,
      metadata: {
        ...object.metadata,
        uid: before?.metadata.uid ?? randomUUID(),
        creationTimestamp: before?.metadata.creationTimestamp ?? new Date().toISOString(),
        generation: generationOf(before, object),
      },
    } as StoredObject;
    if (before !== undefined && plain(before) === plain(settled)) return before;
    const version = ++this.#version;
    const stored = {
      ...settled,
      metadata: { ...settled.metadata, resourceVersion: String(version) },
    } as StoredObject;
    const objects = this.#collections.get(collection) ?? new Map<string, StoredObject>();
    this.#collections.set(collection, objects.set(keyOf(stored.metadata), stored));
    this.#tell({ version, type: before === undefined ? 'ADDED' : 'MODIFIED', collection, object: stored });
    return stored;
  }

  delete(collection: string, ref: ObjectRef): void {
    const object = this.get(collection, ref);
    if (object === undefined) return;
    this.#collections.get(collection)!.delete(keyOf(ref));
    const version = ++this.#version;
    const gone = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(version) },
    } as StoredObject;
    this.#tell({ version, type: 'DELETED', collection, object: gone });
  }

  /** Forgets how it came to be what it is. */
  compact(): void {
    this.#history.length = 0;
    this.#compacted = this.#version;
  }

  /** The changes after a version; the listener gets those that follow. */
  watch(from: number, listener: (event: StoredEvent) => void): { past: StoredEvent[]; stop: () => void } {
    this.#watchers.add(listener);
    return {
      past: this.#history.filter(({ version }) => version > from),
      stop: () => this.#watchers.delete(listener),
    };
  }

  #tell(event: StoredEvent): void {
    this.#history.push(event);
    for (const watcher of this.#watchers) watcher(event);
  }
}

function generationOf(before: StoredObject | undefined, after: StoredObject): number {
  const generation = before?.metadata.generation ?? 0;
  return JSON.stringify(before?.['spec']) === JSON.stringify(after['spec']) && before !== undefined
    ? generation
    : generation + 1;
}
