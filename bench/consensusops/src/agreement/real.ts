import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRecording, writeRecording } from '@aegis/agent/telemetry';
import type { Trace } from '@aegis/client/chaos';
import { recordTrace, type Happened } from '@aegis/sim/verify';
import { FileError } from '../labels/index.js';

/** What happened to real processes: of a folder if it is there already, or else now, for a minute and a half. Throws FileError, RecordingError. */
export async function realOf(
  trace: Trace,
  folder: string,
  seed: number,
  signal: AbortSignal,
): Promise<Happened> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${trace.name}.${seed}.jsonl`);
  const actedPath = join(folder, `${trace.name}.${seed}.acted.json`);
  if (!existsSync(path)) {
    const { recording, acted } = await recordTrace(trace, trace.settings, seed, signal);
    writeFileSync(actedPath, `${JSON.stringify(acted)}\n`);
    writeFileSync(`${path}.part`, writeRecording(recording));
    renameSync(`${path}.part`, path);
  }
  return {
    recording: readRecording(readFileSync(path, 'utf8'), path),
    acted: readActed(actedPath),
  };
}

function readActed(path: string): Happened['acted'] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Happened['acted'];
  } catch (error) {
    throw new FileError(path, `it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
