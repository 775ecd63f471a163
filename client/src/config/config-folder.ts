import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SupervisorError } from '../supervisor/errors.js';
import { accountName } from './account.js';
import { firstDocument, type Owner } from './document.js';
import { git } from './git.js';
import { GitRepository } from './repository.js';

export const BASE = 'main';
/** The settings file in the repository. */
export const SETTINGS_PATH = 'cluster.yaml';
/** Clusters on one machine have no namespaces; their documents say so. */
export const NAMESPACE = 'local';
export const CLUSTER = 'aegis';

const AUTHOR = { name: 'aegis up', email: 'up@aegis.invalid' };
const CLONE_MS = 30_000;

/** Where a cluster's repository is, and the clone of it that is for people. */
export interface ConfigFolder {
  readonly repository: string;
  readonly clone: string;
}

export function configFolder(folder: string): ConfigFolder {
  return { repository: join(folder, 'config.git'), clone: join(folder, 'config') };
}

/**
 * Makes what is missing: the bare repository, its first commit, and the clone. Cut off anywhere, it goes on the next time. Throws
 * SupervisorError where git is missing or says no.
 */
export async function makeConfigFolder(folder: string, owner: Owner): Promise<GitRepository> {
  const { repository: dir, clone } = configFolder(folder);
  const repository = new GitRepository({ dir, base: BASE, author: AUTHOR });
  try {
    // Again, it changes nothing.
    await git(dir, ['init', '--bare', '--quiet', '--initial-branch', BASE, dir]);
    if ((await repository.head(BASE)) === undefined)
      await repository.write({
        branch: BASE,
        parent: undefined,
        from: undefined,
        files: { [SETTINGS_PATH]: firstDocument(owner) },
        message: 'Begin with the defaults of the profile',
      });
    if (existsSync(join(clone, '.git', 'HEAD'))) await run(clone, ['remote', 'set-url', 'origin', dir]);
    else await run(folder, ['clone', '--quiet', dir, clone]);
    await nameSomebody(clone);
    return repository;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = String(code) === 'ENOENT' ? 'there is no git on the PATH' : message;
    throw new SupervisorError(`the repository of settings in ${dir} cannot be made: ${why}`, {
      cause: error,
    });
  }
}

/** Git commits for nobody: who has no name for all their repositories has one in this clone. */
async function nameSomebody(clone: string): Promise<void> {
  const named = await run(clone, ['config', 'user.email']).catch(() => '');
  if (named !== '') return;
  const username = accountName();
  await run(clone, ['config', 'user.name', username]);
  await run(clone, ['config', 'user.email', `${username}@localhost`]);
}

/** In the clone git works as for the person who owns it. */
async function run(cwd: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', [...args], { cwd, timeout: CLONE_MS });
  return stdout.trim();
}
