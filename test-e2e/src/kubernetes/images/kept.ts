import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

import { cacheFolder } from '../../cache/cache-folder.js';
import { type Image, writeArchive } from './archive.js';

/** So many archives are kept, the newest ones: of two branches, say, each finds its own. */
const KEPT = 3;
/** Of how an archive is written. Raise it with writeArchive. */
const FORMAT = 1;

/** The archive of an image: the one written before if all that goes into it is the same, else written now. */
export async function keptArchive(image: Image): Promise<string> {
  const folder = cacheFolder('images');
  const file = join(folder, `${digestOf(image)}.tar`);
  if (existsSync(file)) {
    const now = new Date();
    utimesSync(file, now, now);
    return file;
  }
  mkdirSync(folder, { recursive: true });
  await writeArchive(image, file);
  for (const old of newestFirst(folder).slice(KEPT)) rmSync(old, { force: true });
  return file;
}

/** A digest of everything that is in an image, down to each byte of its files. */
export function digestOf({ files, ...rest }: Image): string {
  const hash = createHash('sha256').update(JSON.stringify([FORMAT, process.arch, rest]));
  for (const path of Object.keys(files).toSorted()) {
    hash.update(`\n${path}`);
    for (const [name, file] of filesBelow(files[path]!)) {
      const bytes = readFileSync(file);
      hash
        .update(`\n${name} ${bytes.length} ${(statSync(file).mode & 0o111) === 0 ? '-' : 'x'}\n`)
        .update(bytes);
    }
  }
  return hash.digest('hex').slice(0, 32);
}

/** Its files with their names below it, in order, links followed; the file itself if it is one. */
function* filesBelow(path: string, name = ''): Generator<readonly [string, string]> {
  if (!statSync(path).isDirectory()) {
    yield [name, path];
    return;
  }
  for (const each of readdirSync(path).toSorted()) yield* filesBelow(join(path, each), `${name}/${each}`);
}

function newestFirst(folder: string): readonly string[] {
  const written = readdirSync(folder).filter((name) => name.endsWith('.tar'));
  const aged = written
    .map((name) => join(folder, name))
    .map((file) => ({ file, ms: statSync(file).mtimeMs }));
  return aged.toSorted((a, b) => b.ms - a.ms).map(({ file }) => file);
}
