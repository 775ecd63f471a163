import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds on this machine's monotonic clock: the same clock for every process on it. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Looks again and again until there is something to see; says what was waited for if there never is. */
export async function eventually<T>(
  what: string,
  withinMs: number,
  look: () => Promise<T | undefined> | T | undefined,
  everyMs = 25,
): Promise<T> {
  const endMs = nowMs() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (nowMs() > endMs) throw new Error(`${what}: not within ${withinMs} ms`);
    await sleep(everyMs);
  }
}

/** The result of work that must end in time. */
export async function within<T>(what: string, withinMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${withinMs} ms`)), withinMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
