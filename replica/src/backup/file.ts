import { createReadStream } from 'node:fs';

import { BackupParser, type BackupSummary } from './parser.js';

const READ_BYTES = 1024 * 1024;

/** The bytes of a backup file, a part at a time. */
export function backupBytes(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: READ_BYTES });
}

/** Reads a backup file from end to end and proves it whole. Throws BackupError, or the system's error. */
export async function verifyBackupFile(path: string): Promise<BackupSummary> {
  const parser = new BackupParser();
  for await (const bytes of backupBytes(path)) parser.push(bytes);
  return parser.finish();
}
