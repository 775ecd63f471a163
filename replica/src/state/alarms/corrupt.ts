import type { Result } from '@aegis/proto/replica/command';
import { failed } from '../envelope/failed.js';
import { errorOf } from '../../errors/index.js';
import type { KnownCommand } from '../envelope/decode.js';
import type { State } from '../state.js';

/**
 * While members disagree about the state nothing that a client asks for changes it, but for keepalives: ending everybody's
 * leases would add to the damage.
 */
export function refusedAsCorrupt({ alarms }: State, { op }: KnownCommand): Result | undefined {
  if (!alarms.corrupt) return undefined;
  switch (op.$case) {
    case 'leaseKeepAlive':
    case 'advance':
    case 'expire':
    case 'scrub':
    case 'setAlarm':
    case 'setLeaseSettings':
    case 'setKvQuota':
    case 'setClusterVersion':
      return undefined;
    default:
      return failed(errorOf('CORRUPT', {}));
  }
}
