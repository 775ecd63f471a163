import { readFileSync } from 'node:fs';

/** What the guard is told, one JSON object a line. */
export type Order =
  | { readonly order: 'watch'; readonly pid: number; readonly started?: string | undefined }
  | { readonly order: 'forget'; readonly pid: number }
  | { readonly order: 'run'; readonly key: string; readonly argv: readonly string[] }
  | { readonly order: 'done'; readonly key: string }
  | { readonly order: 'remove'; readonly folder: string };

/** Tells a process from a later one with the same id; undefined where the system does not say. */
export function startedAt(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
