import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configFolder, makeConfigFolder, SETTINGS_PATH } from './config-folder.js';
import type { Owner } from './document.js';

jest.setTimeout(120_000);

const OWNER: Owner = { namespace: 'local', cluster: 'aegis', profile: 'locks', replicas: 5 };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a person finds a clone, commits, pushes, and nothing of it is made anew at the next start', async () => {
  const repository = await makeConfigFolder(folder, OWNER);
  const { clone } = configFolder(folder);
  const file = join(clone, SETTINGS_PATH);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('profile: locks');
  writeFileSync(file, text.replace('consensus: {}', 'consensus: { electionTimeoutMs: 1200 }'));
  const run = (...args: string[]) => execFileSync('git', args, { cwd: clone, stdio: 'pipe' });
  const mark = repository.mark('main');
  expect(repository.mark('main')).toBe(mark);
  run('commit', '--quiet', '--all', '--message', 'Slower elections');
  run('push', '--quiet');
  expect(repository.mark('main')).not.toBe(mark);
  // Also when git has packed the names of all branches.
  execFileSync('git', ['--git-dir', configFolder(folder).repository, 'pack-refs', '--all']);
  const packed = repository.mark('main');
  expect(repository.mark('main')).toBe(packed);
  const pushed = (await repository.head('main'))!;
  expect(await repository.file(pushed, SETTINGS_PATH)).toContain('1200');
  const again = await makeConfigFolder(folder, OWNER);
  expect(await again.head('main')).toBe(pushed);
  expect(readFileSync(file, 'utf8')).toContain('1200');
});

test('a clone that was deleted is made again', async () => {
  await makeConfigFolder(folder, OWNER);
  const { clone } = configFolder(folder);
  rmSync(clone, { recursive: true });
  await makeConfigFolder(folder, OWNER);
  expect(readFileSync(join(clone, SETTINGS_PATH), 'utf8')).toContain('AegisCluster');
});
