import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A deliberate defect: one place of the compiled replica, and what stands there instead. */
interface Mutant {
  readonly what: string;
  /** In the replica's compiled output. */
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

/** What the checker must catch. Nothing of it is in the product: a copy of what was compiled is changed. */
export const MUTANTS: Readonly<Record<string, Mutant>> = {
  'stale-read': {
    what: 'reads are answered from the state at hand, without asking the quorum',
    file: 'server/driver/reads.js',
    find: '        this.#joining.push({ done, deadline: this.#environment.monotonicMs() + this.#timeoutMs });\n',
    put: '        done(undefined);\n',
  },
  'commit-alone': {
    what: 'an entry counts as committed as soon as two of five have it',
    file: 'raft/quorum/majority.js',
    find: 'return sorted[n - majority(n)];',
    put: 'return sorted[Math.min(n - 1, n - majority(n) + 1)];',
  },
  'retry-twice': {
    what: 'a call that is sent again is made again',
    file: 'state/session/at-most-once.js',
    find: '    if (known !== undefined)\n        return { answer: known.result };\n',
    put: '',
  },
  'early-expiry': {
    what: 'a lease that was renewed ends after half of its time',
    file: 'state/lease/commands.js',
    find: 'const deadlineMs = state.clock.nowMs + lease.ttlMs;',
    put: 'const deadlineMs = state.clock.nowMs + lease.ttlMs / 2;',
  },
};

const REPLICA = fileURLToPath(new URL('../../../replica', import.meta.url));
const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/** Copies the compiled replica into the folder and changes it. Returns the program to run. */
export function plant(name: string, folder: string): string {
  const { file, find, put } = MUTANTS[name]!;
  const copy = join(folder, 'replica');
  mkdirSync(copy, { recursive: true });
  cpSync(join(REPLICA, 'dist'), join(copy, 'dist'), { recursive: true });
  cpSync(join(REPLICA, 'package.json'), join(copy, 'package.json'));
  symlinkSync(MODULES, join(folder, 'node_modules'));
  const path = join(copy, 'dist', file);
  const source = readFileSync(path, 'utf8');
  if (source.split(find).length !== 2)
    throw new Error(`the mutant ${name} does not fit: ${file} has not exactly one ${JSON.stringify(find)}`);
  writeFileSync(
    path,
    source.replace(find, () => put),
  );
  return join(copy, 'dist/server/main.js');
}
