import type { Snapshot } from '../../raft/index.js';
import type { StateStorage } from '../../state/index.js';

/**
 * The folders that hold the state of a replica, one in use and, while a snapshot comes in, one that is being filled.
 * Names are whole numbers, and grow.
 */
export interface StateFolders {
  /** An empty storage; whatever was under this name is deleted. */
  create(name: string): Promise<StateStorage>;
  /** Resolves when a crash can no longer take the folder away. Its rows are made durable by the storage itself. */
  sync(name: string): Promise<void>;
  /** Its storage must be closed. */
  remove(name: string): Promise<void>;
}

export const FIRST_STATE_FOLDER = '1';

/** What the data of a snapshot says, on the replica that received it: where its rows are. */
export function folderOf({ data }: Snapshot): string {
  return Buffer.from(data).toString('utf8');
}

export function nextStateFolder(name: string): string {
  return String(Number(name) + 1);
}
