import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { AegisCluster } from '@aegis/crds';
import { EXIT, PluginError } from '../errors.js';
import type { Found } from '../print.js';
import type { Target } from '../target.js';
import { collect } from './collect.js';
import { tar, type TarFile } from './tar.js';

const ARCHIVE = '.tar.gz';

export interface ReportOptions {
  /** A new file that ends in `.tar.gz`, or a new folder. */
  readonly output: string | undefined;
  readonly tail: number;
}

/** Collects what support needs into one file or folder, which is not there before. */
export async function report(
  target: Target,
  cluster: AegisCluster,
  { output, tail }: ReportOptions,
): Promise<Found> {
  const now = new Date();
  const stamp = now.toISOString().replaceAll(/[-:]|\..*/g, '');
  const name = `aegis-report-${cluster.metadata.name}-${stamp}`;
  const path = output ?? `${name}${ARCHIVE}`;
  if (existsSync(path))
    throw new PluginError(`--output: ${path} is there already: choose another`, EXIT.usage);
  const { files, problems } = await collect(target, cluster, tail);
  try {
    if (path.endsWith(ARCHIVE)) {
      const inside = files.map((file) => ({ ...file, path: `${name}/${file.path}` }));
      writeFileSync(path, gzipSync(tar(inside, Math.floor(now.getTime() / 1_000))), {
        flag: 'wx',
        mode: 0o600,
      });
    } else writeFolder(path, files);
  } catch (error) {
    throw new PluginError(`--output: ${path} cannot be written: ${(error as Error).message}`, EXIT.failed, {
      cause: error,
    });
  }
  const missing = problems.map((problem) => `missing ${problem}`);
  return {
    json: { output: path, files: files.map((file) => file.path), problems },
    text: [
      `${path}: ${files.length} files. Secrets are not in it; look through it before you send it.`,
      ...missing,
    ].join('\n'),
  };
}

function writeFolder(folder: string, files: readonly TarFile[]): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const { path, bytes } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, path), bytes, { flag: 'wx', mode: 0o600 });
  }
}
