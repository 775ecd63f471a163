import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRunbook, RunbookError, type Runbook } from './runbook.js';

/** Those that were written for this project. */
export const RUNBOOKS = fileURLToPath(new URL('../../runbooks/', import.meta.url));
const FILES_MAX = 1_000;

/** All runbooks of a folder, by id. Throws RunbookError for any file that is none. */
export function readRunbooks(folder = RUNBOOKS): readonly Runbook[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .sort();
  if (files.length > FILES_MAX) throw new RunbookError(folder, `at most ${FILES_MAX} are read`);
  return files.map((name) => readRunbook(readFileSync(join(folder, name), 'utf8'), join(folder, name)));
}
