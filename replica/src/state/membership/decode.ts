import { MembershipChange } from '@aegis/proto/replica/membership';

import { UnknownCommandError } from '../assert.js';
import { STATE_VERSION } from '../version.js';

/** A change that this software knows. */
export interface KnownChange extends MembershipChange {
  change: NonNullable<MembershipChange['change']>;
}

/** Reads the context of a configuration change's entry, or stops the replica: what it does not know it must not skip. */
export function decodeMembershipChange(index: number, context: Uint8Array): KnownChange {
  let decoded: MembershipChange;
  try {
    decoded = MembershipChange.decode(context);
  } catch (cause) {
    throw new UnknownCommandError(index, 'its context is not a membership change', { cause });
  }
  const { version, change } = decoded;
  if (version < 1 || version > STATE_VERSION) {
    const what = `its membership change needs state machine version ${version}, and this software knows ${STATE_VERSION}`;
    throw new UnknownCommandError(index, what);
  }
  if (change === undefined)
    throw new UnknownCommandError(index, 'its membership change is of an unknown kind');
  return { ...decoded, change };
}
