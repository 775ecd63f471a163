import { Log, LogError } from '../log/index.js';
import { NewerStateError, StateMachine, type StateStorage } from '../state/index.js';
import { entrySize } from './consensus.js';
import { RefusedStart } from './exit.js';
import type { BootstrapRecord } from './folder/bootstrap-record.js';
import type { DataFolder, OwnAddresses } from './folder/data-folder.js';
import { firstMembership } from './folder/first-membership.js';
import { OpenedStates } from './folder/opened-states.js';
import { DiskStateFolders } from './folder/state-folders.js';
import type { Logger } from './logger.js';
import { FIRST_STATE_FOLDER } from './snapshot/state-folders.js';
import type { World } from './world.js';

export interface OpenedStorage {
  readonly close: () => Promise<void>;
  readonly folder: DataFolder;
  readonly memberId: number;
  readonly log: Log;
  readonly state: StateMachine;
  readonly stateFolders: DiskStateFolders;
  /** The one that `state` is in. */
  readonly stateFolder: string;
}

/** Which member of the cluster the folder is, or is about to be. */
export interface MemberOf {
  readonly memberId: number;
  /** Unless it is one of the first members. */
  readonly addresses?: OwnAddresses;
}

/**
 * Opens what the replica has on disk. RocksDB comes first: its file locks keep a second process off the folder.
 * The log then tells which state folder counts.
 * On a first start log and state are made and synced before the folder says that it is a member, so that a crash in
 * between begins anew. The state begins as every member's did, with the first members: whoever joins later gets the rest of
 * the way from the log, or a snapshot.
 */
export async function openStorage(
  fresh: DataFolder,
  { memberId, addresses }: MemberOf,
  record: BootstrapRecord,
  world: World,
  logger: Logger,
): Promise<OpenedStorage> {
  const { path } = fresh;
  // Refuses the folder of another cluster before anything in it is touched.
  const joined = fresh.identity.clusterId !== undefined;
  if (joined) fresh.join(record.clusterId, memberId);
  // Who joins later gets what the backup held by a snapshot.
  else if (record.backup !== undefined && addresses === undefined) {
    throw new RefusedStart(
      'data',
      `${path}: cluster ${record.clusterId} begins from backup ${record.backup}, and this folder holds nothing of it. ` +
        'Restore it first, or name the file with --backup',
    );
  }

  const stateFolders = new DiskStateFolders(fresh.statePath, (path) => world.openState(path));
  const states = await OpenedStates.open(stateFolders, path);
  const log = await openLog(fresh, joined, world, logger);
  const stateFolder = log.stateFolder ?? FIRST_STATE_FOLDER;
  const state = await loadState(await states.choose(stateFolder), stateFolders.path(stateFolder));
  if (state.membership === undefined) {
    if (joined && log.firstIndex() !== 1) {
      throw new RefusedStart(
        'data',
        `${stateFolders.path(stateFolder)}: the state is gone and the log no longer reaches back to its beginning. Replace this member with an empty folder`,
      );
    }
    await state.bootstrap(firstMembership(record));
  } else if (state.membership.clusterId !== record.clusterId) {
    throw new RefusedStart(
      'data',
      `${stateFolders.path(stateFolder)}: the state is of cluster ${state.membership.clusterId}, not of ${record.clusterId}: ` +
        'a restore was interrupted here. Repeat it with the record that it was begun with, or name an empty folder',
    );
  }
  if (log.lastIndex() < state.appliedIndex) {
    throw new RefusedStart(
      'data',
      `${path}: the state has applied up to ${state.appliedIndex} but the log ends at ${log.lastIndex()}: acknowledged entries are lost. Replace this member with an empty folder`,
    );
  }
  // At every start: one that was killed before it came to this leaves a folder that is there, and that a loss of power would take.
  await stateFolders.sync(stateFolder);
  const close = async (): Promise<void> => {
    await log.close();
    await state.close();
  };
  const folder = fresh.join(record.clusterId, memberId, addresses);
  return { folder, memberId, log, state, stateFolders, stateFolder, close };
}

/** What a replica that was removed says when it ends. */
export function removedFrom(clusterId: string, memberId: number, path: string, how: string): RefusedStart {
  return new RefusedStart(
    'removed',
    `member ${memberId} was removed from cluster ${clusterId} (${how}), and its id is never given again. ` +
      `Move ${path} aside and start with an empty folder: it joins as a new member once it is added`,
  );
}

async function loadState(storage: StateStorage, path: string): Promise<StateMachine> {
  try {
    return await StateMachine.open(storage);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof NewerStateError) throw new RefusedStart('data', `${path}: ${message}`);
    throw new RefusedStart('data', `${path}: ${message}. Replace this member with an empty folder`);
  }
}

async function openLog(folder: DataFolder, mustExist: boolean, world: World, logger: Logger): Promise<Log> {
  try {
    const { log, report } = await Log.open({
      disk: await world.openDisk(folder.logPath),
      entrySize,
      mustExist,
    });
    if (report.tornTail !== undefined) {
      logger.warn('a torn tail was cut off the log', { ...report.tornTail });
    }
    return log;
  } catch (error) {
    if (error instanceof LogError) {
      throw new RefusedStart(
        error.code === 'IO_FAILED' ? 'disk' : error.code === 'NO_SPACE' ? 'internal' : 'data',
        error.message,
      );
    }
    throw error;
  }
}
