import {
  KvEventType,
  KvWatchFilter,
  type KeyValue,
  type KvEvent,
  type KvWatchCreate,
} from '@aegis/proto/v1/kv';
import type { KeyRange } from './selection.js';

export interface WatchOptions {
  /** The first revision whose changes are wanted; those after the beginning unless told. */
  readonly fromRevision?: number;
  /** Events carry the key as it was before, as long as that is not compacted. */
  readonly prevKv?: boolean;
  /** Now and then a batch without events, whose revision says how far the watch has come. */
  readonly progress?: boolean;
  /** Only changes of this kind. */
  readonly only?: 'put' | 'delete';
  /** Ends the watch. */
  readonly signal?: AbortSignal;
}

export interface WatchEvent {
  readonly type: 'put' | 'delete';
  /** Of a delete: the key and the revision (`modRevision`) only. */
  readonly kv: KeyValue;
  readonly prevKv: KeyValue | undefined;
}

/** All changes that one revision made to the watched keys; without events: the watch has come this far. */
export interface WatchBatch {
  readonly revision: number;
  readonly events: readonly WatchEvent[];
}

export function watchRequest(range: KeyRange, options: WatchOptions, startRevision: number): KvWatchCreate {
  const unwanted = options.only === 'put' ? KvWatchFilter.NO_DELETE : KvWatchFilter.NO_PUT;
  return {
    ...range,
    startRevision,
    // Always: a watch of quiet keys that did not know how far it has come would have to begin, after a reconnect, with
    // revisions that may be compacted by then.
    progressNotify: true,
    filters: options.only === undefined ? [] : [unwanted],
    prevKv: options.prevKv ?? false,
    watchId: 0,
  };
}

/** Events in the order of their revisions, by revision; those before `from` are left out. */
export function batchesOf(events: readonly KvEvent[], from: number): WatchBatch[] {
  const batches: { revision: number; events: WatchEvent[] }[] = [];
  for (const { type, kv, prevKv } of events) {
    if (kv === undefined || kv.modRevision < from) continue;
    const event = { type: type === KvEventType.PUT ? ('put' as const) : ('delete' as const), kv, prevKv };
    const batch = batches.at(-1);
    if (batch?.revision === kv.modRevision) batch.events.push(event);
    else batches.push({ revision: kv.modRevision, events: [event] });
  }
  return batches;
}
