import type { KVServer } from '@aegis/proto/v1/kv';

import type { StateMachine } from '../../../state/index.js';
import { refuseRole } from '../roles.js';
import { endCall, statusError } from '../status.js';
import type { Handlers } from '../unary.js';
import type { KvWatchHub } from './watch-hub.js';
import { type Read, serveKvWatches } from './watch-stream.js';

/** The KV service. Its calls go the way of `Operations`, its watches that of the hub. */
export function kvService(handlers: Handlers, hub: KvWatchHub, state: StateMachine, read: Read): KVServer {
  return {
    range: handlers.unary(
      (value) => ({ $case: 'kvRange', value }),
      (r) => (r.$case === 'kvRange' ? r.value : undefined),
    ),
    put: handlers.unary(
      (value) => ({ $case: 'kvPut', value }),
      (r) => (r.$case === 'kvPut' ? r.value : undefined),
    ),
    deleteRange: handlers.unary(
      (value) => ({ $case: 'kvDeleteRange', value }),
      (r) => (r.$case === 'kvDeleteRange' ? r.value : undefined),
    ),
    txn: handlers.unary(
      (value) => ({ $case: 'kvTxn', value }),
      (r) => (r.$case === 'kvTxn' ? r.value : undefined),
    ),
    compact: handlers.unary(
      (value) => ({ $case: 'kvCompact', value }),
      (r) => (r.$case === 'kvCompact' ? r.value : undefined),
    ),
    watch: (call) => {
      const refused = refuseRole(call, 'client', handlers.tls) ?? handlers.operations.gate.closed('KV');
      if (refused !== undefined) endCall(call, statusError(refused));
      else serveKvWatches(call, hub, state, read);
    },
  };
}
