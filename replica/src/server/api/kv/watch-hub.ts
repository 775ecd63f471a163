import type { Error as Failure } from '@aegis/proto/v1/error';
import type { KvEvent, KvWatchCreate } from '@aegis/proto/v1/kv';

import type { KvChange, StateMachine } from '../../../state/index.js';
import { refuseWatch } from '../watch-limit.js';
import { KvWatcher, type Later, type WatchSink } from './watcher.js';

/** Who watches which keys. Changes are handed out as they are applied, and never wait for anybody. */
export class KvWatchHub {
  readonly #state: StateMachine;
  readonly #later: Later;
  /** Watchers of one key, by it, and of ranges. */
  readonly #ofKey = new Map<string, Set<KvWatcher>>();
  readonly #ofRange = new Set<KvWatcher>();
  #size = 0;
  /** The newest revision that was handed out, or was there before. */
  #revision: number;

  constructor(state: StateMachine, later: Later = setImmediate) {
    this.#state = state;
    this.#revision = state.kv.revision;
    this.#later = later;
  }

  get size(): number {
    return this.#size;
  }

  /** How many are behind, and read on from the history. */
  get behind(): number {
    let behind = 0;
    for (const { behind: is } of this.#all()) if (is) behind++;
    return behind;
  }

  /** Why there can be no more; undefined while there can. */
  get refusal(): Failure | undefined {
    return refuseWatch(this.#size);
  }

  /** The watch begins with the events that are history already. `end` stops it. */
  watch(id: number, create: KvWatchCreate, sink: WatchSink): { watcher: KvWatcher; end: () => void } {
    const end = (): void => {
      watcher.close();
      this.#remove(watcher);
    };
    const watcher = new KvWatcher(id, create, this.#state, sink, this.#later, end);
    this.#size++;
    const { from } = watcher.range;
    if (isOneKey(watcher)) this.#ofKey.set(from, (this.#ofKey.get(from) ?? new Set()).add(watcher));
    else this.#ofRange.add(watcher);
    return { watcher, end };
  }

  /** The changes of one entry: revision by revision, so that each reaches a watcher as a whole. */
  dispatch(changes: readonly KvChange[]): void {
    this.#revision = this.#state.kv.revision;
    if (this.#size === 0) return;
    for (let from = 0; from < changes.length;) {
      let to = from + 1;
      while (to < changes.length && changes[to]!.main === changes[from]!.main) to++;
      this.#dispatchRevision(changes.slice(from, to));
      from = to;
    }
  }

  /** A snapshot took the place of changes that nobody hands out: they are read from its history. */
  stateReplaced(): void {
    const next = this.#revision + 1;
    this.#revision = this.#state.kv.revision;
    for (const watcher of [...this.#all()]) watcher.fallBehind(next);
  }

  /** Watchers that asked for it are told how far they have come. */
  progress(): void {
    for (const watcher of this.#all()) if (watcher.progressNotify) watcher.progress();
  }

  *#all(): Iterable<KvWatcher> {
    yield* this.#ofRange;
    for (const watchers of this.#ofKey.values()) yield* watchers;
  }

  #dispatchRevision(changes: readonly KvChange[]): void {
    const wanted = new Map<KvWatcher, KvChange[]>();
    const want = (watcher: KvWatcher, change: KvChange): void => {
      const list = wanted.get(watcher);
      if (list === undefined) wanted.set(watcher, [change]);
      else list.push(change);
    };
    for (const change of changes) {
      for (const watcher of this.#ofKey.get(change.key) ?? [])
        if (watcher.wants(change)) want(watcher, change);
      for (const watcher of this.#ofRange) if (watcher.matches(change)) want(watcher, change);
    }
    if (wanted.size === 0) return;
    const eventOf = this.#eventsMadeOnce();
    for (const [watcher, list] of wanted) watcher.take(list, eventOf);
  }

  /** A thousand watchers share one event. */
  #eventsMadeOnce(): (change: KvChange, withPrevious: boolean) => KvEvent {
    const made = [new Map<KvChange, KvEvent>(), new Map<KvChange, KvEvent>()] as const;
    return (change, withPrevious) => {
      const known = made[withPrevious ? 1 : 0];
      let event = known.get(change);
      if (event === undefined) known.set(change, (event = this.#state.kvEvent(change, withPrevious)));
      return event;
    };
  }

  #remove(watcher: KvWatcher): void {
    const { from } = watcher.range;
    const oneKey = isOneKey(watcher);
    const watchers = oneKey ? this.#ofKey.get(from) : this.#ofRange;
    if (watchers?.delete(watcher) !== true) return;
    this.#size--;
    if (oneKey && watchers.size === 0) this.#ofKey.delete(from);
  }
}

function isOneKey({ range: { from, to } }: KvWatcher): boolean {
  return to === `${from}\0`;
}
