import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { cacheFolder } from '../../cache/cache-folder.js';
import type { Progress } from '../../kubernetes/progress.js';

/** Paths of the programs, and the version of the package that they are from. */
export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
  readonly version: string;
}

/** What keeps it from being had here, and what to do. */
export class NoPrometheusError extends Error {
  override readonly name = 'NoPrometheusError';
}

const PACKAGE = 'prometheus';
const FETCH_MS_MAX = 120_000;

/** Debian's Prometheus, taken out of its package into a folder of ours: nothing is installed, no service is started. Throws NoPrometheusError. */
export function prometheusPrograms(progress: Progress): PrometheusPrograms {
  const version = candidate();
  const folder = join(cacheFolder(PACKAGE), version.replaceAll(/[^\w.+~-]/g, '_'));
  const programs = {
    prometheus: join(folder, 'usr/bin/prometheus'),
    promtool: join(folder, 'usr/bin/promtool'),
    version,
  };
  if (!existsSync(programs.promtool))
    progress.timed(`unpacked Debian's ${PACKAGE} ${version} to ${folder}`, () => unpack(folder));
  // A package of another architecture, or one that lacks a library, shows here and not as a server that never answers.
  run(programs.promtool, ['--version'], 'the program of the package does not run here');
  return programs;
}

function candidate(): string {
  const shown = run(
    'apt-cache',
    ['show', '--no-all-versions', PACKAGE],
    `apt knows no package ${PACKAGE}: this needs Debian or Ubuntu; "apt-get update" brings the list up to date`,
  );
  const version = /^Version: (\S+)$/m.exec(shown)?.[1];
  if (version === undefined) throw new NoPrometheusError(`apt-cache show ${PACKAGE} names no version`);
  return version;
}

/** In one step: a folder that is there is whole. */
function unpack(folder: string): void {
  mkdirSync(cacheFolder(PACKAGE), { recursive: true });
  const making = mkdtempSync(join(cacheFolder(PACKAGE), 'new-'));
  try {
    run(
      'apt-get',
      ['download', '--quiet', PACKAGE],
      `the package ${PACKAGE} cannot be fetched: "apt-get update" brings the list up to date`,
      making,
    );
    const file = readdirSync(making).find((name) => name.endsWith('.deb'));
    if (file === undefined) throw new NoPrometheusError(`apt-get download ${PACKAGE} left no package`);
    const root = join(making, 'root');
    run('dpkg-deb', ['--extract', join(making, file), root], `${file} cannot be unpacked`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(root, folder);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

function run(program: string, argv: readonly string[], otherwise: string, cwd?: string): string {
  try {
    return execFileSync(program, argv, {
      encoding: 'utf8',
      timeout: FETCH_MS_MAX,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
    });
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new NoPrometheusError(`${otherwise}\n${(stderr.trim() || message).slice(0, 2_000)}`, {
      cause: error,
    });
  }
}

export interface Judged {
  readonly ok: boolean;
  readonly said: string;
}

/** What promtool says of something; it says why it is wrong on either output. */
export function askPromtool({ promtool }: PrometheusPrograms, argv: readonly string[], cwd: string): Judged {
  const { status, stdout, stderr, error } = spawnSync(promtool, argv, {
    encoding: 'utf8',
    cwd,
    timeout: FETCH_MS_MAX,
  });
  return { ok: status === 0, said: `${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`.trim() };
}
