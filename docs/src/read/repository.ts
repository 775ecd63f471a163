import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from '../check/places.js';
import { readPage } from './markdown.js';

/** The root of the repository, seen from the compiled file. */
export const ROOT = join(import.meta.dirname, '../../..');

const LEFT_OUT = new Set(['node_modules', 'dist', '.git', '.test', '.tmp', '.aegis']);
/** Pages in which people find their way. What happened once (the change log) is not held against what is there now. */
const READ = /^(?:[A-Z]+\.md|docs\/.*\.md|charts\/.*\.md|bench\/.*\.md)$/;
const HISTORY = new Set(['CHANGELOG.md']);

/** Where stands what is not there: its paths are those of files that are to be made. */
export const OPEN_ENDS = 'docs/open-ends.md';

/** Every file and folder of the repository, and its pages. */
export function readRepository(root: string = ROOT): Repository {
  const paths = new Set<string>();
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (LEFT_OUT.has(entry.name)) continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      paths.add(path);
      if (entry.isDirectory()) walk(path);
    }
  };
  walk('');
  const read = [...paths].filter((path) => READ.test(path) && !HISTORY.has(path)).sort();
  const pages = new Map(read.map((path) => [path, readPage(path, readFileSync(join(root, path), 'utf8'))]));
  const promised = readFileSync(join(root, OPEN_ENDS), 'utf8').matchAll(/`([^`]+)` is not there yet/g);
  return { paths, pages, toCome: new Set([...promised].map(([, command]) => command!)) };
}
