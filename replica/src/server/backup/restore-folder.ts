import { rm } from 'node:fs/promises';

import {
  backupBytes,
  BackupError,
  checkRestorable,
  type BackupSummary,
  verifyBackupFile,
} from '../../backup/index.js';
import { isNoSpace, Log } from '../../log/index.js';
import type { StateMachine } from '../../state/index.js';
import { entrySize } from '../consensus.js';
import { coreConfState } from '../driver/log-storage.js';
import { RefusedStart } from '../exit.js';
import type { BootstrapRecord, FirstMember } from '../folder/bootstrap-record.js';
import { DataFolder } from '../folder/data-folder.js';
import { firstMembership } from '../folder/first-membership.js';
import { OpenedStates } from '../folder/opened-states.js';
import { DiskStateFolders } from '../folder/state-folders.js';
import type { Logger } from '../logger.js';
import { SnapshotRefusal } from '../snapshot/incoming.js';
import { MalformedRows } from '../snapshot/rows-codec.js';
import { nextStateFolder } from '../snapshot/state-folders.js';
import type { World } from '../world.js';
import { RestoreRefusal, restoreState } from './restore-state.js';

/** What a restored folder holds. */
export interface Restored {
  readonly memberId: number;
  readonly clusterId: string;
  /** Of the backup. */
  readonly backup: string;
  readonly index: number;
  readonly term: number;
  readonly stateHash: string;
  readonly revision: number;
  readonly newestToken: number;
  readonly keys: number;
}

/**
 * Makes the folder of a first member out of a backup. Everything is built beside what is there; the last, synced step is
 * that the folder says that it is a member: before that no start accepts it, and the restore can be repeated.
 * Throws RefusedStart.
 */
export async function restoreFolder(
  path: string,
  backup: string,
  record: BootstrapRecord,
  world: World,
): Promise<Restored> {
  await check(backup, record);
  const folder = DataFolder.prepare(path);
  const { clusterId, memberId, nonce } = folder.identity;
  if (clusterId !== undefined) {
    throw new RefusedStart(
      'data',
      `${path} is member ${memberId} of cluster ${clusterId} already: nothing is restored into it. Name an empty folder`,
    );
  }
  const member = record.members.find((each) => each.nonce === nonce);
  if (member === undefined) {
    throw new RefusedStart(
      'data',
      `${path}: its nonce ${nonce} is not in the bootstrap record of cluster ${record.clusterId}. Name the folder that was prepared for this member`,
    );
  }
  try {
    return await fill(folder, backup, record, member, world);
  } catch (error) {
    throw refusalOf(error, path, backup);
  }
}

/** What a start with --backup does before anything else. A folder that has begun, or is to join later, is left alone. */
export async function beginFromBackup(
  path: string,
  backup: string,
  record: BootstrapRecord,
  world: World,
  logger: Logger,
): Promise<void> {
  if (record.backup === undefined) throw noBackupInRecord(record);
  const { identity } = DataFolder.prepare(path);
  const listed = record.members.some(({ nonce }) => nonce === identity.nonce);
  if (identity.clusterId !== undefined || !listed) return;
  logger.info('restored from a backup', { ...(await restoreFolder(path, backup, record, world)) });
}

/** Before anything is touched. */
async function check(backup: string, record: BootstrapRecord): Promise<void> {
  if (record.backup === undefined) throw noBackupInRecord(record);
  let summary: BackupSummary;
  try {
    summary = await verifyBackupFile(backup);
    checkRestorable(summary.header);
  } catch (error) {
    throw unreadable(error, backup) ?? refusalOf(error, '', backup);
  }
  if (summary.digest !== record.backup) {
    throw new RefusedStart(
      'usage',
      `--backup ${backup}: it is backup ${summary.digest}, and cluster ${record.clusterId} begins from ${record.backup}`,
    );
  }
  if (summary.header.clusterId === record.clusterId) {
    throw new RefusedStart(
      'usage',
      `--bootstrap: cluster ${record.clusterId} is the one that the backup is of; a restored cluster needs an id of its own`,
    );
  }
}

async function fill(
  folder: DataFolder,
  backup: string,
  record: BootstrapRecord,
  { id }: FirstMember,
  world: World,
): Promise<Restored> {
  const folders = new DiskStateFolders(folder.statePath, (path) => world.openState(path));
  // Opened, and thereby locked, while another one is filled: a second process finds the folder in use.
  const states = await OpenedStates.open(folders, folder.path);
  const [guardName] = folders.names();
  const guard = await states.choose(guardName!);
  try {
    const name = nextStateFolder(guardName!);
    const { machine, summary } = await restoreState(
      backupBytes(backup),
      folders,
      name,
      firstMembership(record),
    );
    try {
      await beginLog(folder, machine, name, world);
    } finally {
      await machine.close();
    }
    folder.join(record.clusterId, id);
    return restored(machine, summary, id);
  } finally {
    await guard.close();
  }
}

/** A log that begins after the restored state, and names its folder. What an interrupted restore left is dropped. */
async function beginLog(
  folder: DataFolder,
  state: StateMachine,
  stateFolder: string,
  world: World,
): Promise<void> {
  await rm(folder.logPath, { recursive: true, force: true });
  const { log } = await Log.open({ disk: await world.openDisk(folder.logPath), entrySize });
  const { appliedIndex: index, appliedTerm: term } = state;
  try {
    await log.append({
      entries: [],
      snapshot: { index, term, confState: coreConfState(state.membership!.confState) },
      hardState: { term, vote: 0, commit: index },
      stateFolder,
    });
  } finally {
    await log.close();
  }
}

function restored(machine: StateMachine, { digest }: BackupSummary, memberId: number): Restored {
  const { revision, keys } = machine.kv;
  return {
    memberId,
    clusterId: machine.membership!.clusterId,
    backup: digest,
    index: machine.appliedIndex,
    term: machine.appliedTerm,
    stateHash: machine.hash,
    revision,
    newestToken: machine.newestToken,
    keys,
  };
}

function noBackupInRecord({ clusterId }: BootstrapRecord): RefusedStart {
  return new RefusedStart(
    'usage',
    `--bootstrap: the record of cluster ${clusterId} names no backup, so its members begin empty. A cluster that begins from ` +
      'one has its digest in the record, as "backup"',
  );
}

function unreadable(error: unknown, backup: string): RefusedStart | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'EISDIR') return undefined;
  return new RefusedStart('usage', `--backup ${backup}: cannot be read: ${message}`);
}

function refusalOf(error: unknown, path: string, backup: string): unknown {
  if (error instanceof RefusedStart) return error;
  if (error instanceof BackupError) return new RefusedStart('data', `--backup ${backup}: ${error.message}`);
  if (error instanceof SnapshotRefusal || error instanceof MalformedRows || error instanceof RestoreRefusal) {
    return new RefusedStart('data', `--backup ${backup}: ${error.message}. Use another backup`);
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || isNoSpace(error) || /no space left/i.test(message)) {
    return new RefusedStart(
      'internal',
      `${path}: the disk is full (${message}). Make room and repeat the restore: what it left is of no use and cannot be started`,
    );
  }
  return error;
}
