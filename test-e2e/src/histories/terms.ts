import type { Client } from '@aegis/client';
import { setTimeout as sleep } from 'node:timers/promises';

import { nowNs, type NdjsonFile } from './recorder.js';

const EVERY_MS = 250;
const ANSWER_MS = 1_000;

/**
 * Asks all places for their term again and again. Whoever leads has a majority that knows its term: between an answer before a
 * moment and the answers of a majority after another one, leaders can have changed only as often as the term grew.
 */
export async function watchTerms(
  client: Client,
  places: number,
  file: NdjsonFile,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const call = nowNs();
    const answers = await client.cluster.statuses(ANSWER_MS);
    const terms = answers.flatMap((answer) => ('status' in answer ? [answer.status.term] : []));
    if (terms.length > 0) {
      const majority = terms.length > places / 2;
      file.add({ call_ns: call, return_ns: nowNs(), term: Math.max(...terms), majority });
    }
    await sleep(EVERY_MS);
  }
}
