import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';

/** Of one replica: of keys, and again of locks and elections. Each takes some hundred bytes. */
export const REPLICA_WATCHES_MAX = 250_000;

/** Why there can be no more watches than so many; undefined while there can. */
export function refuseWatch(size: number): Failure | undefined {
  if (size < REPLICA_WATCHES_MAX) return undefined;
  return errorOf('OVERLOADED', { what: 'the number of watches of this replica', limit: REPLICA_WATCHES_MAX });
}
