import { spawn } from 'node:child_process';

const OUTPUT_BYTES_MAX = 4 * 1024 * 1024;
const TIMEOUT_MS = 20_000;

/** Git said no, or said too much, or nothing in time. */
export class GitError extends Error {
  override readonly name = 'GitError';

  constructor(
    readonly status: number,
    args: readonly string[],
    said: string,
  ) {
    super(`git ${args.join(' ')} ended with ${status}: ${said.trim().slice(0, 500)}`);
  }
}

export interface GitOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes besides 0 that are an answer, too. */
  readonly accept?: readonly number[];
}

/** Nothing of the machine's own settings of git counts, and no hook of the repository runs. */
const ISOLATED = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/** Runs git on a bare repository, without a shell. Its output, or undefined for an accepted exit code. Throws GitError. */
export function git(
  dir: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<string | undefined> {
  const { input = '', env = {}, accept = [] } = options;
  const all = ['--git-dir', dir, '-c', 'core.hooksPath=/dev/null', ...args];
  return new Promise((resolve, reject) => {
    const child = spawn('git', all, {
      env: { PATH: process.env['PATH'] ?? '', ...ISOLATED, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    const [out, err] = [[] as Buffer[], [] as Buffer[]];
    let bytes = 0;
    const keep = (kept: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > OUTPUT_BYTES_MAX) child.kill('SIGKILL');
      else kept.push(chunk);
    };
    child.stdout.on('data', keep(out));
    child.stderr.on('data', keep(err));
    child.on('error', reject);
    child.on('close', (code) => {
      const status = code ?? -1;
      if (status === 0) resolve(Buffer.concat(out).toString());
      else if (accept.includes(status)) resolve(undefined);
      else reject(new GitError(status, args, Buffer.concat(err).toString()));
    });
    // Git may end before it has read everything; its exit code tells why.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
