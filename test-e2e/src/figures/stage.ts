import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Cluster, type ClusterOptions } from '../harness/cluster.js';
import { Guardian } from '../harness/guardian.js';

/** Five real processes without TLS, gone when `work` is over, however it ends. */
export async function onCluster(
  work: (cluster: Cluster) => Promise<void>,
  options: ClusterOptions = {},
): Promise<void> {
  const guardian = new Guardian();
  const folder = mkdtempSync(join(tmpdir(), 'aegis-figures-'));
  guardian.remove(folder);
  let cluster: Cluster | undefined;
  try {
    cluster = await Cluster.prepare(guardian, folder, options);
    await cluster.start();
    await work(cluster);
  } catch (error) {
    process.stderr.write(`${cluster?.tail() ?? ''}\n`);
    throw error;
  } finally {
    await cluster?.stop();
    await guardian.close();
  }
}

/** One figure a line, as JSON, so that runs can be compared by a program. */
export function say(figure: string, values: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ figure, ...values })}\n`);
}

/** A whole number of the command line, or the default. */
export function count(at: number, otherwise: number): number {
  const value = Number(process.argv[at + 2] ?? otherwise);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`argument ${at + 1}: "${process.argv[at + 2]}" is not a whole number above 0`);
  return value;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >>> 1] ?? Number.NaN;
}

export function rounded(value: number, digits = 2): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
