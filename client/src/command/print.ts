import type { GlobalFlags } from './context.js';

/** Prints a result: as one JSON document with `--json`, else as text. */
export function print(flags: GlobalFlags, json: unknown, text: string): void {
  process.stdout.write(`${flags.json === true ? JSON.stringify(json) : text}\n`);
}

/** A value for people: text where it is text, else base64. */
export function showBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8');
  return text.includes('\ufffd') ? `base64:${Buffer.from(bytes).toString('base64')}` : text;
}

/** Milliseconds for people. */
export function showMs(ms: number): string {
  if (ms < 0) return 'due';
  return ms < 10_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
