import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';
import type { Profile } from '../../settings/index.js';
import { judge, type Request } from './limits.js';

/** The services that only some profiles open; the others are always open. */
export type GatedService = 'Locks' | 'Elections' | 'KV';

const OPEN: Readonly<Record<Profile, readonly GatedService[]>> = {
  locks: ['Locks', 'Elections'],
  kv: ['KV'],
  all: ['Locks', 'Elections', 'KV'],
};

/** Judges requests before anything else is done with them: by the services of the profile, then by the limits. */
export class ProfileGate {
  readonly #profile: Profile;

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  judge(request: Request | undefined): Failure | undefined {
    const service = serviceOf(request);
    return (service && this.closed(service)) ?? judge(request);
  }

  /** Why a service does not answer in this cluster; undefined when it does. */
  closed(service: GatedService): Failure | undefined {
    if (OPEN[this.#profile].includes(service)) return undefined;
    return errorOf('SERVICE_DISABLED', { service, profile: this.#profile });
  }
}

function serviceOf(request: Request | undefined): GatedService | undefined {
  switch (request?.$case) {
    case 'lockAcquire':
    case 'lockRelease':
    case 'lockDescribe':
    case 'lockList':
    case 'lockWatch':
      return 'Locks';
    case 'campaign':
    case 'proclaim':
    case 'leader':
    case 'observe':
    case 'resign':
      return 'Elections';
    case 'kvRange':
    case 'kvPut':
    case 'kvDeleteRange':
    case 'kvTxn':
    case 'kvCompact':
    case 'kvWatch':
      return 'KV';
    default:
      return undefined;
  }
}
