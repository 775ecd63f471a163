import { spawn } from 'node:child_process';

/** Git said no. `status` is its exit code, `message` what it printed. */
export class GitError extends Error {
  override readonly name = 'GitError';

  constructor(
    readonly status: number,
    args: readonly string[],
    stderr: string,
  ) {
    super(`git ${args.join(' ')} ended with ${status}: ${stderr.trim()}`);
  }
}

export interface GitOptions {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes besides 0 that are an answer, too. */
  readonly accept?: readonly number[];
}

export interface GitResult {
  readonly status: number;
  readonly stdout: Buffer;
}

/** Nothing of the machine's own git settings may change what a test sees. */
const ISOLATED = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C', TZ: 'UTC' };

/** Runs git on one bare repository. Throws GitError. */
export function runGit(
  gitDir: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitResult> {
  const { input, env = {}, accept = [] } = options;
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['--git-dir', gitDir, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...ISOLATED, ...env },
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      const status = code ?? -1;
      if (status === 0 || accept.includes(status)) resolve({ status, stdout: Buffer.concat(stdout) });
      else reject(new GitError(status, args, Buffer.concat(stderr).toString()));
    });
    // Git may end before it has read everything; its exit code tells why.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}
