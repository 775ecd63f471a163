import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { readRecording, type Recording } from '../telemetry/index.js';

/** A recording that is kept in agent/recordings: a real cluster, a minute of a trace of the library. */
export function recorded(name: 'masked-slow-disk' | 'deaf-follower'): Recording {
  const path = new URL(`../../recordings/${name}.jsonl.gz`, import.meta.url);
  return readRecording(gunzipSync(readFileSync(path)).toString('utf8'), name);
}
