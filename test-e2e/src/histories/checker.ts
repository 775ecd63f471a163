import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { buildProgram } from '../go/program.js';

const SOURCES = fileURLToPath(new URL('../../histories', import.meta.url));

/** What the checker found. One count for every group of keys, lock, lease, watch and rule that was checked. */
export interface Verdict {
  readonly operations: number;
  readonly passed: number;
  readonly failed: number;
  /** Of which nobody knows, because the search took too long. */
  readonly not_checked: number;
  readonly lines: readonly string[];
}

/** The checker, built if it is not yet. What checks others is checked first. Throws GoError. */
export function buildChecker(): string {
  return buildProgram(SOURCES, undefined, { tested: true });
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
