import type { Operations } from './operations.js';
import type { SessionHost } from './session-host.js';

/** How much clients want of a replica, as it stands. */
export interface ClientCounts {
  readonly watches: number;
  /** Watches of keys that are behind. */
  readonly slowWatches: number;
  readonly streams: number;
  /** Since the process began. */
  readonly streamsOpened: number;
  /** Since the process began. */
  readonly operations: number;
  readonly unsentBytes: number;
}

export function clientCounts(host: SessionHost, operations: Operations): ClientCounts {
  return {
    watches: host.watches.size + host.kvWatches.size,
    slowWatches: host.kvWatches.behind,
    streams: host.streams,
    streamsOpened: host.opened,
    operations: operations.asked,
    unsentBytes: host.unsentBytes,
  };
}
