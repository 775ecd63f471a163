import type { BackupSummary } from '@aegis/replica/backup';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkBackup } from './check.js';
import { BackupFileError, fileError } from './errors.js';
import { saveBackup, type SaveOptions } from './save.js';

/** How many of a series can be kept. */
export const KEEP_MAX = 365;

export interface Kept {
  /** Its name in the folder. */
  readonly file: string;
  readonly summary: BackupSummary;
  /** Older files that were deleted for it, by their names. */
  readonly deleted: readonly string[];
}

/**
 * Adds a backup to the series of a folder, NAME-20260102T030405Z.aegis, and deletes what is more than `keep` of them: the oldest, and
 * only once the new one has been read back from the disk and proved. Other files in the folder are left alone, an unfinished
 * part of an earlier run included.
 */
export async function addToSeries(
  source: AsyncIterable<Uint8Array>,
  folder: string,
  series: { readonly name: string; readonly keep: number; readonly nowMs: number },
  onBytes: SaveOptions['onBytes'],
): Promise<Kept> {
  const stamp = new Date(series.nowMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '');
  const file = `${series.name}-${stamp}.aegis`;
  const path = join(folder, file);
  const saved = await saveBackup(source, path, { force: false, onBytes });
  const summary = await checkBackup(path);
  if (summary.digest !== saved.digest)
    throw new BackupFileError(
      `${path}: what the disk gives back is not what was written. Nothing was deleted`,
    );
  const members = (await namesIn(folder)).filter((name) => isOfSeries(name, series.name)).toSorted();
  const deleted = members.filter((name) => name !== file).slice(0, Math.max(0, members.length - series.keep));
  for (const name of deleted) {
    await rm(join(folder, name), { force: true }).catch((error: unknown) => {
      throw fileError(join(folder, name), 'deleted', error);
    });
  }
  return { file, summary, deleted };
}

function isOfSeries(file: string, name: string): boolean {
  return file.startsWith(`${name}-`) && /^\d{8}T\d{6}Z\.aegis$/.test(file.slice(name.length + 1));
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    throw fileError(folder, 'read', error);
  });
}
