import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';
import type { Membership } from '../../state/index.js';

/** What is known of the state machine versions of a cluster's members. */
export interface KnownVersions {
  readonly self: number;
  /** Of this software. */
  readonly own: number;
  readonly membership: Membership;
  /** What the software of a member knows, as it said when it connected; undefined while it is not connected. */
  of(member: number): number | undefined;
}

/**
 * Why the cluster must not be raised to a version: a member that does not know it would stop at the next command that needs
 * it, and one that is not connected may be such a member. Voters and learners alike.
 */
export function judgeVersion(version: number, known: KnownVersions): Failure | undefined {
  const lacking = known.membership.members.flatMap(({ id, name }) => {
    const knows = id === known.self ? known.own : known.of(id);
    if (knows === undefined) return [`member ${id} (${name}) is not connected`];
    return knows < version ? [`member ${id} (${name}) knows ${knows}`] : [];
  });
  if (lacking.length === 0) return undefined;
  return errorOf('VERSION_UNSUPPORTED', { version, lacking: lacking.join(', ') });
}
