import type { BootstrapRecord } from '../folder/bootstrap-record.js';
import { DataFolder } from '../folder/data-folder.js';
import { RefusedStart } from '../exit.js';
import type { World } from '../world.js';
import { type Restored, restoreFolder } from './restore-folder.js';

/** What a folder is, and the nonce that the record has to list it by. */
export type FirstRestored = Pick<Restored, 'memberId' | 'clusterId' | 'backup'> & { readonly nonce: string };

/**
 * Makes the folder of the only first member of a new cluster out of a backup. Whoever makes the record cannot know the nonce yet,
 * because nothing of the cluster runs: the draft says everything else, and the answer the nonce. A folder that it was done to
 * already answers the same: nobody may have heard the first answer. Throws RefusedStart.
 */
export async function restoreFirstMember(
  path: string,
  backup: string,
  draft: BootstrapRecord,
  world: World,
): Promise<FirstRestored> {
  const [member, ...more] = draft.members;
  if (member === undefined || more.length > 0) {
    throw new RefusedStart(
      'usage',
      `--first-member: the record lists ${draft.members.length} members, and has to list one`,
    );
  }
  const { nonce, clusterId, memberId } = DataFolder.prepare(path).identity;
  if (clusterId === draft.clusterId && memberId === member.id && draft.backup !== undefined)
    return { memberId, clusterId, backup: draft.backup, nonce };
  const restored = await restoreFolder(path, backup, { ...draft, members: [{ ...member, nonce }] }, world);
  return { ...restored, nonce };
}
