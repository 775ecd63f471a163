import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readRecording, type Recording } from '@aegis/agent/telemetry';
import { FileError } from './errors.js';
import { checkLabelFile } from './check.js';
import type { Label, LabelFile } from './label.js';

/** Of one recording, unpacked: 120 s of five replicas have some 3 MB. */
const RECORDING_BYTES_MAX = 64 * 1024 * 1024;
const LABELS = 'labels.json';
const ENDING = '.jsonl.gz';

/** One recording and what was true of it. */
export interface Case {
  readonly label: Label;
  readonly recording: Recording;
}

/** A set of recordings in a folder. */
export interface CaseSet {
  readonly folder: string;
  readonly labels: LabelFile;
  readonly cases: readonly Case[];
}

/** Names of the sets in a folder: those of its folders that have labels. */
export function setNames(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(join(folder, entry.name)).includes(LABELS))
    .map(({ name }) => name)
    .sort();
}

/** Reads a set whole. Throws FileError, which names the file and what is wrong with it, or RecordingError. */
export function readSet(folder: string): CaseSet {
  const labels = readLabels(folder);
  return {
    folder,
    labels,
    cases: labels.cases.map((label) => ({ label, recording: readCase(folder, label) })),
  };
}

/** The labels alone. Throws FileError. */
export function readLabels(folder: string): LabelFile {
  const path = join(folder, LABELS);
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new FileError(path, `it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return checkLabelFile(parsed, path);
}

function readCase(folder: string, { id, cause, path: effects, injectedMs }: Label): Recording {
  const path = join(folder, `${id}${ENDING}`);
  let text: string;
  try {
    text = gunzipSync(readFileSync(path), { maxOutputLength: RECORDING_BYTES_MAX }).toString('utf8');
  } catch (error) {
    throw new FileError(path, `it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const recording = readRecording(text, path);
  const places = [...(cause?.at ?? []), ...(effects ?? []).map(({ at }) => at)];
  for (const where of places) {
    if (typeof where === 'string') continue;
    for (const name of 'replica' in where ? [where.replica] : [where.from, where.to])
      if (!Object.hasOwn(recording.replicas, name))
        throw new FileError(path, `its label names ${name}, which is none of its replicas`);
  }
  const lastMs = recording.scrapes.at(-1)?.atMs ?? 0;
  if (injectedMs !== null && injectedMs > lastMs)
    throw new FileError(path, `it ends at ${lastMs} ms, before the fault of its label at ${injectedMs} ms`);
  return recording;
}
