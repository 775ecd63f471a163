import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Image } from './archive.js';
import { digestOf, keptArchive } from './kept.js';

let folder: string;
let image: Image;
const cacheBefore = process.env['XDG_CACHE_HOME'];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-kept-'));
  process.env['XDG_CACHE_HOME'] = join(folder, 'cache');
  mkdirSync(join(folder, 'app/inner'), { recursive: true });
  writeFileSync(join(folder, 'app/inner/a.js'), 'a');
  image = { name: 'x:1', files: { '/app': join(folder, 'app') }, entrypoint: ['/app/inner/a.js'] };
});

afterEach(() => {
  if (cacheBefore === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = cacheBefore;
  rmSync(folder, { recursive: true });
});

test('an image has another digest when a byte, a name or a mode of its files changes, or how it runs', () => {
  const digests = [digestOf(image)];
  expect(digestOf({ ...image, files: { ...image.files } })).toBe(digests[0]);
  writeFileSync(join(folder, 'app/inner/a.js'), 'b');
  digests.push(digestOf(image));
  chmodSync(join(folder, 'app/inner/a.js'), 0o755);
  digests.push(digestOf(image));
  writeFileSync(join(folder, 'app/b.js'), '');
  digests.push(digestOf(image));
  digests.push(digestOf({ ...image, entrypoint: ['/app/b.js'] }));
  expect(new Set(digests).size).toBe(digests.length);
});

test('an archive is written once, and old ones go when many are there', async () => {
  const first = await keptArchive(image);
  expect(await keptArchive(image)).toBe(first);
  for (const text of ['b', 'c', 'd']) {
    writeFileSync(join(folder, 'app/inner/a.js'), text);
    await keptArchive(image);
  }
  expect(existsSync(first)).toBe(false);
  expect(readdirSync(join(folder, 'cache/aegis/images'))).toHaveLength(3);
});
