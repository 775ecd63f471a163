import { windowOf, type Recording } from '@aegis/agent/telemetry';
import type { Label } from '../labels/index.js';
import type { Chosen, Method } from '../methods/method.js';
import { until } from './resample.js';

/**
 * Milliseconds from the injection to the first scrape after which a method names a class that is right, and none that is wrong. Null: it
 * never does.
 */
export function latencyOf(method: Method, chosen: Chosen, recording: Recording, label: Label): number | null {
  const { injectedMs } = label;
  if (injectedMs === null) return null;
  const moments = [...new Set(recording.scrapes.map(({ atMs }) => atMs))].filter(
    (atMs) => atMs >= injectedMs,
  );
  for (const atMs of moments) {
    const { classes } = method.judge(windowOf(until(recording, atMs)), chosen);
    if (classes.length > 0 && classes.every((name) => label.classes.includes(name))) return atMs - injectedMs;
  }
  return null;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
