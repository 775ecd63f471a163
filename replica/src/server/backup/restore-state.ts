import { BackupParser, checkRestorable, type BackupSummary } from '../../backup/index.js';
import type { Membership, StateMachine } from '../../state/index.js';
import { IncomingSnapshot } from '../snapshot/incoming.js';
import type { StateFolders } from '../snapshot/state-folders.js';

/** A whole backup that cannot become a state: the message says why. */
export class RestoreRefusal extends Error {
  override readonly name = 'RestoreRefusal';
}

/**
 * Fills a state folder from the bytes of a backup, as an incoming snapshot would, and makes it the first state of a new
 * cluster: the same bytes and the same members make the same state everywhere. It is durable when this resolves.
 * Throws BackupError, SnapshotRefusal or RestoreRefusal, and the errors of the storage.
 */
export async function restoreState(
  source: AsyncIterable<Uint8Array>,
  folders: StateFolders,
  folder: string,
  membership: Membership,
): Promise<{ readonly machine: StateMachine; readonly summary: BackupSummary }> {
  const parser = new BackupParser();
  let incoming: IncomingSnapshot | undefined;
  try {
    for await (const bytes of source) {
      const chunks = parser.push(bytes);
      if (parser.header === undefined) continue;
      if (incoming === undefined) {
        const { index, term, stateVersion } = parser.header;
        checkRestorable(parser.header);
        incoming = await IncomingSnapshot.begin(
          { id: 'backup', term, index, logTerm: term, stateVersion },
          folder,
          folders,
        );
      }
      for (const chunk of chunks) await incoming.take(chunk);
    }
    const summary = parser.finish();
    const machine = await begun(incoming!, summary);
    await machine.beginNewCluster(membership);
    await folders.sync(folder);
    return { machine, summary };
  } catch (error) {
    await incoming?.discard().catch(() => {});
    throw error;
  }
}

async function begun(incoming: IncomingSnapshot, summary: BackupSummary): Promise<StateMachine> {
  const { header, chunks, contentHash } = summary;
  const machine = await incoming.finish({ chunks, digest: contentHash }, header.clusterId);
  if (machine.hash !== header.stateHash) {
    throw new RestoreRefusal(`its state has hash ${machine.hash}, and its header says ${header.stateHash}`);
  }
  const obstacle = machine.obstacleToNewCluster;
  if (obstacle !== undefined) throw new RestoreRefusal(obstacle);
  return machine;
}
