import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

/** What the loop is to make of a trace. */
export interface Way {
  readonly name: string;
  /** A trace as `aegis chaos` takes it. */
  readonly file: string;
  /** Settings that a person merges first: those under which the trace hurts. */
  readonly settings: Readonly<Record<string, number>>;
  readonly outcome: Outcome;
}

/**
 * `improves`: a patch is verified, and is merged. `harms`: a patch is thought of, and its verification refuses it. `advice`: no setting
 * helps, and what does is said.
 */
export type Outcome = 'improves' | 'harms' | { readonly advice: RegExp };

const way = (folder: string, name: string, outcome: Outcome, settings: Way['settings'] = {}): Way => {
  const file = new URL(`../../../${folder}/${name}.yaml`, import.meta.url);
  return { name, file: fileURLToPath(file), outcome, settings };
};

/** Those that tuning helps are pairs of `make verify-pairs` (sim/src/verify/pairs/table.ts). */
export const WAYS: readonly Way[] = [
  way('sim/verifier', 'late-links', 'improves', { heartbeatIntervalMs: 30, electionTimeoutMs: 150 }),
  way('client/chaos', 'hasty-elections', 'improves', { heartbeatIntervalMs: 15, electionTimeoutMs: 75 }),
  way('client/chaos', 'jittery-network', 'improves', { heartbeatIntervalMs: 50, electionTimeoutMs: 300 }),
  way('sim/verifier', 'long-stalls', 'harms'),
  way('client/chaos', 'leader-cut-off', { advice: /Mend the link/ }),
  way('client/chaos', 'leaders-killed-in-a-row', { advice: /Read why the process ended/ }),
  way('client/chaos', 'full-disk-on-the-leader', { advice: /Make room on the disk/ }),
];

/** The trace of a way for a cluster that runs already: a person has merged its settings. A path in the folder. */
export function traceIn(folder: string, { name, file }: Way): string {
  const { settings: _, ...trace } = parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, stringify(trace));
  return path;
}
