import type { BackupHeader } from '../../../backup/index.js';
import type { StateMachine } from '../../../state/index.js';
import { realEnvironment } from '../../driver/real-environment.js';
import { OutgoingBackup } from '../outgoing-backup.js';

/** The bytes of a backup of a state, as a replica would send them. */
export async function backupOf(
  machine: StateMachine,
  chunkBytes = 200,
  more: Partial<BackupHeader> = {},
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const outgoing = new OutgoingBackup(
      headerOf(machine, more),
      machine.view(),
      {
        write: (bytes, _header, sent) => {
          pieces.push(bytes);
          setImmediate(sent);
        },
      },
      { environment: realEnvironment, bytesPerSecond: 1e9, chunkBytes },
      (ending) => {
        if (ending.ok) resolve();
        else reject(new Error(ending.reason));
      },
    );
    void outgoing;
  });
  return Buffer.concat(pieces);
}

export function headerOf(machine: StateMachine, more: Partial<BackupHeader> = {}): BackupHeader {
  return {
    stateVersion: machine.clusterVersion,
    clusterId: machine.membership!.clusterId,
    memberId: 1,
    index: machine.appliedIndex,
    term: machine.appliedTerm,
    stateHash: machine.hash,
    revision: machine.kv.revision,
    compactedRevision: machine.kv.compactedRevision,
    newestToken: machine.newestToken,
    profile: 'all',
    voters: 1,
    takenAtMs: 1_700_000_000_000,
    software: 'test',
    ...more,
  };
}
