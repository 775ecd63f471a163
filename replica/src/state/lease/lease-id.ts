import type { State } from '../state.js';

/** How many commands of one entry can each be given an id of their own before ids of neighbours are tried. */
const POSITION_BITS = 20n;

/**
 * An id for a lease that came without one: the place of the command in the log, so that every replica chooses the same
 * and none comes twice. Positive as a signed 64-bit number too, which is what etcd's clients take.
 */
export function chooseLeaseId(state: State): string {
  let id = (BigInt(state.index) << POSITION_BITS) + BigInt(state.position);
  while (state.leases.has(id.toString())) id++;
  return id.toString();
}
