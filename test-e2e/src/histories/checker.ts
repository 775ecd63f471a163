import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../histories', import.meta.url));
const GO_MAJOR = 1;
const GO_MINOR = 26;

/** What the checker found. One count for every group of keys, lock, lease, watch and rule that was checked. */
export interface Verdict {
  readonly operations: number;
  readonly passed: number;
  readonly failed: number;
  /** Of which nobody knows, because the search took too long. */
  readonly not_checked: number;
  readonly lines: readonly string[];
}

export class NoGo extends Error {}

/** Tests and builds the checker unless this very version of it is built already. Throws NoGo without a Go that can. */
export function buildChecker(): string {
  const version = goVersion();
  const hash = createHash('sha256').update(version);
  const names = readdirSync(SOURCES).filter((name) => /\.go$|^go\.(mod|sum)$/.test(name));
  for (const name of names.toSorted()) hash.update(readFileSync(join(SOURCES, name)));
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'aegis');
  const program = join(cache, `histories-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  // What checks others is checked first; a failure says what.
  execFileSync('go', ['test', '.'], { cwd: SOURCES, stdio: ['ignore', process.stderr.fd, 'inherit'] });
  execFileSync('go', ['build', '-trimpath', '-o', program, '.'], { cwd: SOURCES, stdio: 'inherit' });
  return program;
}

/** Checks the files of a run; visualisations of what is wrong are written beside them. */
export function check(program: string, folder: string): Verdict {
  const { status, stdout, error } = spawnSync(program, [folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined) throw error;
  if (status !== 0 && status !== 1) throw new Error(`the checker ended with status ${status}`);
  return JSON.parse(stdout.toString()) as Verdict;
}

function goVersion(): string {
  const { stdout, error } = spawnSync('go', ['env', 'GOVERSION'], { cwd: SOURCES });
  const wanted = `Go ${GO_MAJOR}.${GO_MINOR} or later`;
  if (error !== undefined) throw new NoGo(`the checker is a Go program: put ${wanted} on the PATH`);
  const version = stdout.toString().trim();
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) > GO_MAJOR || (Number(major) === GO_MAJOR && Number(minor) >= GO_MINOR)) return version;
  throw new NoGo(`the checker needs ${wanted}, and this is ${version || 'something else'}`);
}
