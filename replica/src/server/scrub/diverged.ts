import type { DataFolder } from '../folder/data-folder.js';
import { RefusedStart } from '../exit.js';
import type { Divergence } from './events.js';

const KINDS = { chained: 'the hash of all that was applied', contents: 'the hash of all rows' } as const;

/**
 * How a replica ends whose state is not that of its cluster. Its folder is marked first: after a restart nobody would
 * notice before the next comparison.
 */
export function endDiverged(folder: DataFolder, found: Divergence): RefusedStart {
  const { kind, index, own, quorum, members } = found;
  const { memberId } = folder.identity;
  const reason =
    `after log entry ${index} ${KINDS[kind]} is ${own} on member ${memberId}, ` +
    `and ${quorum} on a quorum (members ${members.join(', ')})`;
  let marked = '';
  try {
    folder.condemn(reason);
  } catch (error) {
    marked = ` The folder could not be marked (${(error as Error).message}): do not start it again.`;
  }
  return new RefusedStart('diverged', `${reason}.${marked} ${folder.advice}`);
}
