import type { Refused } from './wire.js';

const ANSWER_MS = 15_000;

/** What the agent answers under a path beside this page's: it shows one of several clusters, or the only one. Rejects with what it says, or that it does not answer. */
export async function ask<T>(path: string, query: Readonly<Record<string, string>>): Promise<T> {
  const url = `${path}?${new URLSearchParams(query)}`;
  let answer: Response;
  try {
    answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  } catch {
    throw new Error('The agent does not answer.');
  }
  const said = (await answer.json().catch(() => ({ error: `status ${answer.status}` }))) as T &
    Partial<Refused>;
  if (!answer.ok) throw new Error(said.error ?? `status ${answer.status}`);
  return said;
}
