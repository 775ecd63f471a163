import { getHeapStatistics } from 'node:v8';

import type { Target } from './target.js';

/** What one input may take at most: the largest thing that a decoder may make of 64 KiB, and time that nobody has to wait. */
const MS_MAX = 1000;
const BYTES_MAX = 64 * 1024 * 1024;

/** Runs one input. What it took too much of, or what it threw; undefined when all is well. */
export async function attempt(target: Target, input: Buffer, counts?: Counts): Promise<string | undefined> {
  const before = heldBytes();
  const began = spentMs();
  let wrong: string | undefined;
  try {
    const outcome = target.run(Buffer.from(input));
    const accepted = typeof outcome === 'boolean' ? outcome : await outcome;
    if (accepted && counts !== undefined) counts.accepted++;
  } catch (error) {
    wrong = error instanceof Error ? storyOf(error) : `threw ${String(error)}`;
  }
  const ms = spentMs() - began;
  const bytes = heldBytes() - before;
  if (counts !== undefined) {
    counts.msMax = Math.max(counts.msMax, ms);
    counts.bytesMax = Math.max(counts.bytesMax, bytes);
  }
  if (wrong !== undefined) return wrong;
  const msMax = target.msMax ?? MS_MAX;
  if (ms > msMax) return `took ${Math.round(ms)} ms; at most ${msMax} are allowed`;
  if (bytes > BYTES_MAX) return `allocated ${bytes} bytes; at most ${BYTES_MAX} are allowed`;
  return undefined;
}

/**
 * Time of the processor that this thread has had, so that a machine with much else to do makes no input slow. Before Node 23.9
 * nothing tells: then it is the time that has passed. An input that waits for ever is found by whoever runs the thread.
 */
function spentMs(): number {
  if (process.threadCpuUsage === undefined) return performance.now();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function storyOf({ stack, message, cause }: Error): string {
  const because = cause instanceof Error ? `\n  because: ${storyOf(cause)}` : '';
  return `${stack ?? message}${because}`;
}

export interface Counts {
  accepted: number;
  msMax: number;
  bytesMax: number;
}

/** On the heap and beside it. A collection in between makes it smaller, never larger. */
function heldBytes(): number {
  const { used_heap_size, external_memory, malloced_memory } = getHeapStatistics();
  return used_heap_size + external_memory + malloced_memory;
}
