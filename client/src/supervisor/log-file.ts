import {
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  closeSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** A member's log is kept in this many bytes, twice: the current file and the one before. */
const LOG_BYTES_MAX = 16 * 1024 * 1024;
const TAIL_BYTES = 16 * 1024;

/**
 * A log that a process writes to directly, so that it survives the supervisor. Opened for appending, so that the file
 * can be cut under the writer.
 */
export function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, 'a', 0o644);
}

/** Keeps a log within its bounds. What is written while it is copied may be lost. */
export function rotateLog(path: string): void {
  if (!existsSync(path) || statSync(path).size < LOG_BYTES_MAX) return;
  copyFileSync(path, `${path}.1.new`);
  truncateSync(path);
  renameSync(`${path}.1.new`, `${path}.1`);
}

/** The last line that a process wrote, for saying why it ended: its message if it is JSON. */
export function lastLine(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const { size } = statSync(path);
  const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
  const file = openSync(path, 'r');
  try {
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
  } finally {
    closeSync(file);
  }
  const line = buffer.toString('utf8').trimEnd().split('\n').at(-1);
  return line === undefined || line === '' ? undefined : readable(line);
}

function readable(line: string): string {
  try {
    const { message, msg, error } = JSON.parse(line) as Record<string, unknown>;
    const text = [message ?? msg, error].filter((part) => typeof part === 'string').join(': ');
    return text === '' ? line : text;
  } catch {
    return line;
  }
}
