import { link, lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { BackupError, BackupParser, type BackupSummary } from '@aegis/replica/backup';
import { BackupFileError, fileError } from './errors.js';

export interface SaveOptions {
  /** Whether a file that is there may be replaced. */
  readonly force: boolean;
  /** Told how many bytes have come. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Saves a backup: proved as it comes, written beside its place, synced, and only then there under its name. On a failure
 * nothing is left of it. Throws BackupFileError, or what the source throws.
 */
export async function saveBackup(
  source: AsyncIterable<Uint8Array>,
  path: string,
  { force, onBytes }: SaveOptions,
): Promise<BackupSummary> {
  await checkTarget(path, force);
  const part = `${path}.${process.pid}.part`;
  const file = await open(part, 'wx', 0o600).catch((error: unknown) => {
    throw fileError(part, 'written', error);
  });
  try {
    const summary = await fill(file, part, source, onBytes);
    await publish(part, path, force);
    return summary;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function checkTarget(path: string, force: boolean): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError(path, 'written', error);
  });
  if (found?.isDirectory() === true) throw new BackupFileError(`${path} is a folder: name a file`);
  if (found !== undefined && !force) throw taken(path);
}

async function fill(
  file: FileHandle,
  part: string,
  source: AsyncIterable<Uint8Array>,
  onBytes: SaveOptions['onBytes'],
): Promise<BackupSummary> {
  const parser = new BackupParser();
  const failed = (error: unknown): never => {
    throw fileError(part, 'written', error);
  };
  try {
    for await (const bytes of source) {
      parser.push(bytes);
      await file.writeFile(bytes).catch(failed);
      onBytes(parser.bytes);
    }
    const summary = parser.finish();
    await file.sync().catch(failed);
    return summary;
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    throw new BackupFileError(`what came from the replica is no whole backup: ${error.message}`, {
      cause: error,
    });
  } finally {
    await file.close();
  }
}

/** In one step, and never over a file that came meanwhile; on disk when it resolves. */
async function publish(part: string, path: string, force: boolean): Promise<void> {
  try {
    if (force) {
      await rename(part, path);
    } else {
      // Unlike a rename, a link fails if the name is taken.
      await link(part, path);
      await rm(part);
    }
    await syncFolder(dirname(resolve(path)));
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST'
      ? taken(path)
      : fileError(path, 'written', error);
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function taken(path: string): BackupFileError {
  return new BackupFileError(`${path} is there already: name another file, or replace it with --force`);
}
