import { plainJson, plainLines } from '../terminal/plain.js';
import type { GlobalFlags } from './context.js';

/** Prints a result: as one JSON document with `--json`, else as text, in which nothing steers a terminal. */
export function print(flags: GlobalFlags, json: unknown, text: string): void {
  process.stdout.write(`${flags.json === true ? plainJson(json) : onTerminal(text)}\n`);
}

/** For commands whose standard output is another program's: a document on the standard error with `--json`, else nothing. */
export function printBeside(flags: GlobalFlags, json: unknown): void {
  if (flags.json === true) process.stderr.write(`${plainJson(json)}\n`);
}

/** As `print`, for text that has styles in it: nothing of anybody else's may be in it that did not go through `plain`. */
export function printStyled(flags: GlobalFlags, json: unknown, text: string): void {
  process.stdout.write(`${flags.json === true ? plainJson(json) : text}\n`);
}

/** Values are data: into a file or a pipe they go as they are, line by line, and only a terminal is spared what would steer it. */
function onTerminal(text: string): string {
  return process.stdout.isTTY ? plainLines(text) : text;
}

/** Text where it is text, else base64. For a terminal it has to go through `plain`. */
export function bytesText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8');
  return text.includes('\ufffd') ? `base64:${Buffer.from(bytes).toString('base64')}` : text;
}

/** Milliseconds for people. */
export function showMs(ms: number): string {
  if (ms < 0) return 'due';
  return ms < 10_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
