import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { libraryNames, loadTrace, readTrace, type Trace } from '@aegis/client/chaos';
import type { ControlKind } from '../labels/index.js';
import { eventsOf } from './root.js';

const HOME = new URL('../../../../consensusops/', import.meta.url);
const OWN = fileURLToPath(new URL('traces', HOME));
const HELD_OUT = fileURLToPath(new URL('held-out.json', HOME));
const ENDING = '.yaml';

/** Traces in which nothing is wrong. */
const CONTROL_KINDS: Readonly<Record<string, ControlKind>> = {
  quiet: 'no-fault',
  'harmless-restart': 'restart',
  'planned-handover': 'handover',
  'load-change': 'load-change',
  'scrape-gaps': 'scrape-gaps',
};

/**
 * Not drawn: bad settings have no moment in which they begin, and what they lead to begins with another fault. Clients that die came to
 * the library later; one template more would change what the seeds of sets draw.
 */
const LEFT_OUT: ReadonlySet<string> = new Set(['hasty-elections', 'snapshot-loop', 'clients-die']);

export interface Template {
  readonly trace: Trace;
  readonly control: ControlKind | null;
  readonly heldOut: boolean;
}

/**
 * What cases are drawn from: the library of `aegis chaos` and the traces beside this benchmark, or those of a folder.
 * Throws TraceError, which says what is wrong with a trace.
 */
export function templates(folder?: string): {
  readonly incidents: Template[];
  readonly controls: Template[];
} {
  const heldOut = new Set(heldOutNames());
  const ours = [...libraryNames().map(loadTrace), ...tracesIn(OWN)].filter(({ name }) => !LEFT_OUT.has(name));
  const templateOf = (trace: Trace): Template => ({
    trace,
    control: CONTROL_KINDS[trace.name] ?? null,
    heldOut: heldOut.has(trace.name),
  });
  const controls = ours.map(templateOf).filter(({ control }) => control !== null);
  const traces = folder === undefined ? ours : tracesIn(folder);
  const incidents = traces.map(templateOf).filter(({ control }) => control === null);
  for (const { trace } of incidents)
    if (eventsOf(trace).every(({ harmless }) => harmless))
      throw new Error(`${trace.name}: nothing happens in it after its beginning, so that it is no incident`);
  return { incidents, controls };
}

/** Templates that no set but the fresh ones has cases of. */
export function heldOutNames(): readonly string[] {
  return JSON.parse(readFileSync(HELD_OUT, 'utf8')) as readonly string[];
}

function tracesIn(folder: string): Trace[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(ENDING))
    .sort()
    .map((file) => readTrace(readFileSync(join(folder, file), 'utf8'), join(folder, file)));
}
