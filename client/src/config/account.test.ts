import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { accountName } from './account.js';

/** Of those that Linux hands out to services for their lifetime: nobody's here. */
const NOBODYS_UID = 61_201;

test('who has an account goes by its name, and who has none by the number', () => {
  expect(accountName()).toBe(userInfo().username);
  const unknown = (): string => {
    throw new Error('uv_os_get_passwd returned ENOENT');
  };
  expect(accountName(unknown)).toBe(`uid-${process.getuid!()}`);
});

// Only root can become somebody else.
const asRoot = process.getuid?.() === 0 ? test : test.skip;
asRoot('a process whose user id has no entry gets a name', () => {
  const module = pathToFileURL(join(import.meta.dirname, 'account.js')).href;
  const source = `import(${JSON.stringify(module)}).then(({ accountName }) => process.stdout.write(accountName()))`;
  const said = execFileSync(process.execPath, ['-e', source], {
    uid: NOBODYS_UID,
    cwd: '/',
    encoding: 'utf8',
  });
  expect(said).toBe(`uid-${NOBODYS_UID}`);
});
