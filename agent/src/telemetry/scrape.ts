import { setTimeout as sleep } from 'node:timers/promises';
import { readPage } from './reading.js';
import type { Scrape } from './recording.js';

/** A replica's page of metrics has some 40 KiB. */
const PAGE_BYTES_MAX = 1024 * 1024;

export interface ScrapeOptions {
  /** From one round to the next, in milliseconds; also what an answer may take at most. */
  readonly everyMs: number;
  /** Called in order of time. */
  readonly onScrape: (scrape: Scrape) => void;
  readonly signal: AbortSignal;
}

/**
 * Asks every replica for its page of metrics, over and over. One that is slow or silent is noted as missing, and holds up nobody else.
 * @param pages where each replica's page is, by its name: `http://host:port/metrics`
 */
export async function scrapeEvery(
  pages: Readonly<Record<string, string>>,
  { everyMs, onScrape, signal }: ScrapeOptions,
): Promise<void> {
  const beganMs = performance.now();
  for (let round = 0; !signal.aborted; round++) {
    const atMs = Math.round(performance.now() - beganMs);
    const answers = await Promise.all(
      Object.entries(pages).map(async ([replica, url]) => ({
        atMs,
        replica,
        ...(await ask(url, everyMs, signal)),
      })),
    );
    if (signal.aborted) return;
    for (const answer of answers) onScrape(answer);
    const nextMs = beganMs + Math.ceil((performance.now() - beganMs) / everyMs) * everyMs;
    await sleep(Math.max(0, nextMs - performance.now()), undefined, { signal }).catch(() => undefined);
  }
}

/** One look at one page; whatever goes wrong is said in a word or two. */
export async function ask(
  url: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Pick<Scrape, 'reading' | 'missing'>> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
    if (!answer.ok) return { reading: undefined, missing: `status ${answer.status}` };
    const text = await bounded(answer);
    if (text === undefined) return { reading: undefined, missing: `more than ${PAGE_BYTES_MAX} bytes` };
    const reading = readPage(text);
    if (Object.keys(reading.values).length === 0)
      return { reading: undefined, missing: 'no metrics of a replica are on the page' };
    return { reading };
  } catch (error) {
    const { name } = error as { readonly name?: unknown };
    return { reading: undefined, missing: name === 'TimeoutError' ? 'timeout' : 'no answer' };
  }
}

async function bounded(answer: Response): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of answer.body ?? []) {
    bytes += piece.length;
    if (bytes > PAGE_BYTES_MAX) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
