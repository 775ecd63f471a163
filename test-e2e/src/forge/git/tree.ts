import type { ObjectStore } from './objects.js';

/** One line of a tree. */
export interface TreeEntry {
  /** Octal, six digits, as `git ls-tree` prints it. */
  readonly mode: string;
  readonly sha: string;
}

export type FileEntries = ReadonlyMap<string, TreeEntry | null>;

const FOLDER = '040000';
const SUBMODULE = '160000';

export function typeOf({ mode }: TreeEntry): 'blob' | 'tree' | 'commit' {
  return mode === FOLDER ? 'tree' : mode === SUBMODULE ? 'commit' : 'blob';
}

/** A folder's entries by name, in git's order. */
export function readTree(objects: ObjectStore, sha: string): Map<string, TreeEntry> {
  const body = objects.read(sha, 'tree');
  const entries = new Map<string, TreeEntry>();
  for (let at = 0; at < body.length;) {
    const [space, end] = [body.indexOf(0x20, at), body.indexOf(0, at)];
    const mode = body.subarray(at, space).toString().padStart(6, '0');
    const id = body.subarray(end + 1, end + 21).toString('hex');
    entries.set(body.subarray(space + 1, end).toString(), { mode, sha: id });
    at = end + 21;
  }
  return entries;
}

/** What stands at a path. */
export function entryAt(objects: ObjectStore, tree: string, path: string): TreeEntry | undefined {
  let at: TreeEntry | undefined = { mode: FOLDER, sha: tree };
  for (const name of path.split('/')) {
    if (at === undefined || typeOf(at) !== 'tree') return undefined;
    at = readTree(objects, at.sha).get(name);
  }
  return at;
}

/** The tree `base` (undefined: an empty one) with some files written, or removed (null). A folder without files is none. */
export function writeTree(objects: ObjectStore, base: string | undefined, files: FileEntries): string {
  return writeFolder(objects, base, files) ?? writeEntries(objects, new Map());
}

function writeFolder(objects: ObjectStore, base: string | undefined, files: FileEntries): string | undefined {
  const entries = base === undefined ? new Map<string, TreeEntry>() : readTree(objects, base);
  const folders = new Map<string, Map<string, TreeEntry | null>>();
  for (const [path, file] of files) {
    const slash = path.indexOf('/');
    if (slash < 0) setFile(objects, entries, path, file);
    else {
      const name = path.slice(0, slash);
      folders.set(name, (folders.get(name) ?? new Map()).set(path.slice(slash + 1), file));
    }
  }
  for (const [name, inside] of folders) {
    const there = entries.get(name);
    if (there !== undefined && typeOf(there) !== 'tree') {
      if ([...inside.values()].every((file) => file === null)) continue;
      throw new Error(`${name} is a file and cannot hold others`);
    }
    const sha = writeFolder(objects, there?.sha, inside);
    if (sha === undefined) entries.delete(name);
    else entries.set(name, { mode: FOLDER, sha });
  }
  return entries.size === 0 ? undefined : writeEntries(objects, entries);
}

function setFile(
  objects: ObjectStore,
  entries: Map<string, TreeEntry>,
  name: string,
  file: TreeEntry | null,
): void {
  if (['', '.', '..', '.git'].includes(name)) throw new Error(`"${name}" is no name for a file`);
  if (file === null) entries.delete(name);
  else if (objects.has(file.sha)) entries.set(name, file);
  else throw new Error(`no object ${file.sha} for ${name}`);
}

/** Git sorts a folder as if its name ended in a slash. */
function writeEntries(objects: ObjectStore, entries: ReadonlyMap<string, TreeEntry>): string {
  const lines = [...entries].map(([name, entry]) => ({
    key: Buffer.from(typeOf(entry) === 'tree' ? `${name}/` : name),
    line: Buffer.concat([
      Buffer.from(`${entry.mode.replace(/^0/, '')} ${name}\0`),
      Buffer.from(entry.sha, 'hex'),
    ]),
  }));
  const sorted = lines.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ line }) => line);
  return objects.write('tree', Buffer.concat(sorted));
}
