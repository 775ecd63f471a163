import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { writeRecording } from '@aegis/agent/telemetry';

import { recordTrace } from '../real-processes.js';
import { traceOf, type Pair } from './table.js';

export interface RecordOptions {
  readonly folder: string;
  /** Of the roles and the load; also a part of the names of the files. */
  readonly seed: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Lets the trace of a pair happen to real processes on this machine, once under its settings and once with its patch, each time to a cluster
 * of its own. What is there already is kept.
 */
export async function recordPair(pair: Pair, { folder, seed, say, signal }: RecordOptions): Promise<void> {
  const trace = traceOf(pair);
  const sides = { before: pair.settings, after: { ...pair.settings, ...pair.patch } };
  mkdirSync(folder, { recursive: true });
  for (const [side, settings] of Object.entries(sides)) {
    const path = join(folder, `${pair.name}.${side}.${seed}.jsonl`);
    if (existsSync(path)) continue;
    say(`${pair.name}, ${side}: ${trace.durationMs / 1000} s`);
    const { recording } = await recordTrace(trace, settings, seed, signal);
    writeFileSync(`${path}.part`, writeRecording(recording));
    renameSync(`${path}.part`, path);
  }
}
