import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { cacheFolder } from '../cache/cache-folder.js';

const WANTED = [1, 26] as const;

/** Something that the person who runs it can mend. */
export class GoError extends Error {}

/** The version of Go here, as `go version` words it. Throws a GoError when there is none, or an older one. */
function goVersion(source: string): string {
  let version: string;
  try {
    version = execFileSync('go', ['env', 'GOVERSION'], { cwd: source, encoding: 'utf8' }).trim();
  } catch (error) {
    throw new GoError(
      `This needs Go ${WANTED.join('.')} or later, and \`go\` does not run here: ` +
        `${(error as Error).message.split('\n')[0]}. Install it from https://go.dev/dl and put it on the PATH.`,
    );
  }
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) < WANTED[0] || (Number(major) === WANTED[0] && !(Number(minor) >= WANTED[1]))) {
    throw new GoError(
      `This needs Go ${WANTED.join('.')} or later, and this is ${version}. Install a newer one from https://go.dev/dl.`,
    );
  }
  return version;
}

/** A program of a module that is not its own folder's. */
export interface Part {
  /** What it is called as a file. */
  readonly name: string;
  /** Its package, one that the module requires. */
  readonly package: string;
  /** What the linker is told. */
  readonly ldflags?: string;
}

/**
 * The Go program of a folder, or a part of what its module requires (then without C), built if it is not yet: outside of the tree,
 * under a name that its sources and the version of Go decide, so that no other build is ever taken for it.
 *
 * @param tested its own tests have to pass first
 */
export function buildProgram(source: string, part?: Part, { tested = false } = {}): string {
  const hash = createHash('sha256').update(`${goVersion(source)} ${process.platform} ${process.arch}`);
  for (const file of readdirSync(source).sort()) {
    if (/\.(go|mod|sum)$/.test(file)) hash.update(file).update(readFileSync(join(source, file)));
  }
  if (part !== undefined) hash.update(JSON.stringify(part));
  const digest = hash.digest('hex').slice(0, 16);
  const cache = cacheFolder(basename(source));
  const program = part === undefined ? join(cache, digest) : join(cache, digest, part.name);
  if (existsSync(program)) return program;
  mkdirSync(dirname(program), { recursive: true });
  console.log(`building the Go program${part === undefined ? '' : ` ${part.name}`}…`);
  if (tested) testProgram(source);
  const fresh = `${program}.${process.pid}`;
  const flags = part?.ldflags === undefined ? [] : ['-ldflags', part.ldflags];
  try {
    execFileSync('go', ['build', '-trimpath', ...flags, '-o', fresh, part?.package ?? '.'], {
      cwd: source,
      env: { ...process.env, ...(part === undefined ? {} : { CGO_ENABLED: '0' }) },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  } catch {
    throw new GoError(`The Go program in ${source} could not be built; what go says stands above.`);
  }
  renameSync(fresh, program);
  return program;
}

function testProgram(source: string): void {
  try {
    execFileSync('go', ['test', '.'], { cwd: source, stdio: ['ignore', process.stderr.fd, 'inherit'] });
  } catch {
    throw new GoError(`The Go program in ${source} fails its own tests; what go says stands above.`);
  }
}
