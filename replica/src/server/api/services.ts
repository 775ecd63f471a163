import type { ServerWritableStream } from '@grpc/grpc-js';
import type { ElectionsServer } from '@aegis/proto/v1/election';
import type { LeasesServer } from '@aegis/proto/v1/lease';
import type { LocksServer } from '@aegis/proto/v1/lock';

import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';
import type { Request } from './limits.js';
import type { ProfileGate } from './profile-gate.js';
import { refuseRole } from './roles.js';
import { endCall, statusError } from './status.js';
import { type Handlers } from './unary.js';
import type { Watches } from './watches.js';

/** The unary and streaming services. All of them go the way of `Operations`. */

export function leasesService(handlers: Handlers): LeasesServer {
  return {
    grant: handlers.unary(
      (value) => ({ $case: 'leaseGrant', value }),
      (r) => (r.$case === 'leaseGrant' ? r.value : undefined),
    ),
    revoke: handlers.unary(
      (value) => ({ $case: 'leaseRevoke', value }),
      (r) => (r.$case === 'leaseRevoke' ? r.value : undefined),
    ),
    timeToLive: handlers.unary(
      (value) => ({ $case: 'leaseTimeToLive', value }),
      (r) => (r.$case === 'leaseTimeToLive' ? r.value : undefined),
    ),
    list: handlers.unary(
      (value) => ({ $case: 'leaseList', value }),
      (r) => (r.$case === 'leaseList' ? r.value : undefined),
    ),
    keepAlive: (call) => {
      const refused = refuseRole(call, 'client', handlers.tls);
      if (refused !== undefined) {
        endCall(call, statusError(refused));
        return;
      }
      // One at a time, so that answers keep the order of the requests.
      call.on('data', (value) => {
        call.pause();
        handlers.operations.execute({ $case: 'leaseKeepAlive', value }, undefined, (result) => {
          if (result.$case === 'leaseKeepAlive') call.write(result.value);
          else if (result.$case === 'error') endCall(call, statusError(result.value));
          call.resume();
        });
      });
      call.on('error', () => {});
      call.on('end', () => call.end());
    },
  };
}

export function locksService(handlers: Handlers, watches: Watches, read: Read): LocksServer {
  return {
    acquire: handlers.acquiring((value) => ({ $case: 'lockAcquire', value })),
    release: handlers.unary(
      (value) => ({ $case: 'lockRelease', value }),
      (r) => (r.$case === 'lockRelease' ? r.value : undefined),
    ),
    describe: handlers.unary(
      (value) => ({ $case: 'lockDescribe', value }),
      (r) => (r.$case === 'lockDescribe' ? r.value : undefined),
    ),
    list: handlers.unary(
      (value) => ({ $case: 'lockList', value }),
      (r) => (r.$case === 'lockList' ? r.value : undefined),
    ),
    watch: handlers.streaming('client', (call) => {
      watching(
        handlers.operations.gate,
        watches,
        call,
        { $case: 'lockWatch', value: call.request },
        read,
        (send) => watches.watchLock(call.request.name, send),
      );
    }),
  };
}

export function electionsService(handlers: Handlers, watches: Watches, read: Read): ElectionsServer {
  return {
    campaign: handlers.acquiring((value) => ({ $case: 'campaign', value })),
    proclaim: handlers.unary(
      (value) => ({ $case: 'proclaim', value }),
      (r) => (r.$case === 'proclaim' ? r.value : undefined),
    ),
    leader: handlers.unary(
      (value) => ({ $case: 'leader', value }),
      (r) => (r.$case === 'leader' ? r.value : undefined),
    ),
    resign: handlers.unary(
      (value) => ({ $case: 'resign', value }),
      (r) => (r.$case === 'resign' ? r.value : undefined),
    ),
    observe: handlers.streaming('client', (call) => {
      watching(
        handlers.operations.gate,
        watches,
        call,
        { $case: 'observe', value: call.request },
        read,
        (send) => watches.observe(call.request.election, send),
      );
    }),
  };
}

export type Read = (done: (failed: Failure | undefined) => void) => void;

/** Events that may wait for a watcher that does not read; one more ends its call. */
const UNREAD_EVENTS_MAX = 1000;

function watching<Q, A>(
  gate: ProfileGate,
  watches: Watches,
  call: ServerWritableStream<Q, A>,
  request: Request,
  read: Read,
  begin: (send: (event: A) => void) => () => void,
): void {
  const wrong = gate.judge(request) ?? watches.refusal;
  if (wrong !== undefined) {
    endCall(call, statusError(wrong));
    return;
  }
  let unread = 0;
  let stop = (): void => {};
  call.on('drain', () => (unread = 0));
  call.on('cancelled', () => stop());
  call.on('error', () => stop());
  read((failed) => {
    if (failed !== undefined) {
      endCall(call, statusError(failed));
      return;
    }
    if (call.cancelled) return;
    stop = begin((event) => {
      if (call.write(event)) return;
      if (++unread <= UNREAD_EVENTS_MAX) return;
      stop();
      endCall(
        call,
        statusError(
          errorOf('OVERLOADED', {
            what: 'the queue of unread events of this watch',
            limit: UNREAD_EVENTS_MAX,
          }),
        ),
      );
    });
  });
}
