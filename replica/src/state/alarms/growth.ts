import type { Result } from '@aegis/proto/replica/command';
import type { Error as ErrorMessage } from '@aegis/proto/v1/error';
import { failed } from '../envelope/failed.js';
import { errorOf } from '../../errors/index.js';
import type { State } from '../state.js';

/** Asked before anything is added to the state. What shrinks it, or keeps it as it is, does not ask. */
export function checkGrowth({ alarms }: State): ErrorMessage | undefined {
  return alarms.noSpace.length === 0 ? undefined : noSpace(alarms.noSpace);
}

/** In place of a command that was not sent for lack of room. */
export function refuseGrowth({ alarms }: State): Result {
  return failed(noSpace(alarms.noSpace));
}

export function noSpace(members: readonly number[]): ErrorMessage {
  return errorOf('NO_SPACE', { members: members.length === 0 ? 'of a member' : membersOf(members) });
}

function membersOf(members: readonly number[]): string {
  return members.length === 1 ? `of member ${members[0]}` : `of members ${members.join(', ')}`;
}
