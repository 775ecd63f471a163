import { AegisError } from '@aegis/client';
import type { Credentials, MemberAddress } from '../../observe/members-port.js';
import { held, type Move, type Outcome } from './move.js';

/** Has the leader do something. What it refuses is no failure: the next look decides anew. */
export async function atLeader(
  { leader, credentials }: Move,
  work: (leader: MemberAddress, credentials: Credentials) => Promise<Outcome>,
): Promise<Outcome> {
  const address = leader?.pod.address;
  if (address === undefined || credentials === undefined) return held('NoLeader', 'no leader answers');
  try {
    return await work(address, credentials);
  } catch (error) {
    if (error instanceof AegisError) return held('MemberRefused', error.message);
    throw error;
  }
}
