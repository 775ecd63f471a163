import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TraceError } from './trace/errors.js';
import { readTrace } from './trace/read-trace.js';
import type { Trace } from './trace/trace.js';

const FOLDER = fileURLToPath(new URL('../../chaos', import.meta.url));
const ENDING = '.yaml';

/** The names of the traces that come with AEGIS. */
export function libraryNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(ENDING))
    .map((file) => basename(file, ENDING))
    .sort();
}

/** @param which a name of the library, or else a path. Throws TraceError. */
export function loadTrace(which: string): Trace {
  const path = libraryNames().includes(which) ? join(FOLDER, which + ENDING) : which;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `neither a trace of aegis chaos list, nor a file that can be read: ${reason}`;
    throw new TraceError(which, [{ path: '', message }]);
  }
  return readTrace(text, path);
}
