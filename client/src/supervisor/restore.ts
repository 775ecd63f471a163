import type { BackupSummary } from '@aegis/replica/backup';
import { checkBackup } from '../backup/check.js';
import { makeCertificates } from '../certificates/store.js';
import { claimFolder } from './claim-folder.js';
import type { ClusterFolder, ClusterState } from './cluster-folder.js';
import { SupervisorError } from './errors.js';
import { MAX_REPLICAS, planCluster, type UpRequest } from './plan.js';
import { checkPorts } from './ports.js';
import { bootstrap, restoreMember, type RestoredMember } from './replica-binary.js';

/** A cluster that was made out of a backup and waits to be started. */
export interface RestoredCluster extends Omit<RestoredMember, 'memberId'> {
  readonly replicas: number;
  readonly profile: string;
  /** The cluster that the backup is of. */
  readonly from: string;
  /** Why it could not be started at this moment; null if nothing is in the way. */
  readonly portsTaken: string | null;
}

/**
 * Makes a cluster out of a backup in a folder that holds none. Until the last step the folder says that it is being
 * restored: no start accepts it, and a repeat begins anew. Throws SupervisorError, BackupFileError, or the signal's reason.
 */
export async function restoreCluster(
  folder: ClusterFolder,
  file: string,
  request: UpRequest,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<RestoredCluster> {
  judgeFolder(folder);
  onLine(`verifying ${file}`);
  const backup = await checkBackup(file);
  signal.throwIfAborted();
  const state = planRestored(backup, request);
  const giveUp = claimFolder(folder);
  try {
    judgeFolder(folder);
    folder.clear();
    folder.write(state);
    if (!state.insecure) {
      const names = state.members.map(({ name }) => name);
      await makeCertificates(folder.tlsPath, state.clusterId, names);
    }
    await bootstrap(folder, state);
    const restored = await restoreMembers(folder, file, state, onLine, signal);
    folder.write({ ...state, backup: { digest: backup.digest, complete: true } });
    const portsTaken = await checkPorts(state).then(
      () => null,
      (error: Error) => error.message,
    );
    const { replicas, profile } = { replicas: state.members.length, profile: state.profile };
    return { ...restored, replicas, profile, from: backup.header.clusterId, portsTaken };
  } finally {
    giveUp();
    folder.removeIfEmpty();
  }
}

/** Refuses a folder that holds a cluster, or anything else of which nobody said that it may go. */
function judgeFolder(folder: ClusterFolder): void {
  const stored = folder.read();
  if (stored?.backup?.complete === false) return;
  if (stored !== undefined) {
    throw new SupervisorError(
      `${folder.path} holds cluster ${stored.clusterId}: nothing is restored over it. Choose another --dir, or remove it with: aegis down --volumes`,
    );
  }
  folder.refuseStrangers();
}

function planRestored({ header, digest }: BackupSummary, request: UpRequest): ClusterState {
  const { profile, voters } = header;
  const defaults = { profile, replicas: Math.min(Math.max(voters, 1), MAX_REPLICAS) };
  return { ...planCluster({ ...defaults, ...request }), backup: { digest, complete: false } };
}

/** One after the other: each holds the whole state in memory while it is restored. */
async function restoreMembers(
  folder: ClusterFolder,
  file: string,
  state: ClusterState,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<Omit<RestoredMember, 'memberId'>> {
  let first: RestoredMember | undefined;
  for (const { name } of state.members) {
    onLine(`restoring ${name}`);
    const restored = await restoreMember(folder, name, file, signal);
    first ??= restored;
    if (restored.stateHash !== first.stateHash) {
      throw new SupervisorError(
        `${name} has state ${restored.stateHash} after the restore, and the first member ${first.stateHash}: the file or the disk changed meanwhile. Repeat the restore`,
      );
    }
  }
  const { memberId: _, ...facts } = first!;
  return facts;
}
