import type { Answer } from './http/server.js';
import type { Known } from './live/watch.js';
import type { Holdings, HoldingsKind } from './page/wire.js';

const ANSWER_MS = 5_000;
/** A replica's page has half a MiB at most, and a little around it. */
const BYTES_MAX = 1024 * 1024;
const CURSOR_CHARACTERS_MAX = 4_096;
const ROWS_MAX = 200;

/**
 * One page of what clients hold, from the replica that is asked for, or from the first that answers.
 * @param query `replica`, `after` (the `next` of the page before), `limit`
 */
export async function holdings(
  kind: HoldingsKind,
  known: Known | undefined,
  query: URLSearchParams,
): Promise<Answer> {
  if (known === undefined) return refused(503, 'the supervisor has not said yet where the replicas are');
  const after = query.get('after') ?? '';
  const limit = query.get('limit') ?? '100';
  if (after.length > CURSOR_CHARACTERS_MAX)
    return refused(400, 'after has to be the next of an earlier page');
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > ROWS_MAX)
    return refused(400, `limit has to be 1 to ${ROWS_MAX}`);
  const wanted = query.get('replica');
  const { members } = known.standing;
  const asked = wanted === null ? members : members.filter(({ name }) => name === wanted);
  if (asked.length === 0) return refused(404, 'there is no such replica');
  const problems: string[] = [];
  for (const { name, metrics } of asked) {
    const url = new URL(`/${kind}?${new URLSearchParams({ limit, after }).toString()}`, metrics);
    const page = await pageAt(url);
    if (typeof page !== 'string') return { content: read(kind, name, page) };
    problems.push(`${name}: ${page}`);
  }
  return refused(502, `no replica tells its ${kind}: ${problems.join('; ')}`);
}

/** What a replica answers; a text: why it does not. */
async function pageAt(url: URL): Promise<Readonly<Record<string, unknown>> | string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS), redirect: 'error' });
    if (answer.status === 404) return 'its version has no such page';
    if (!answer.ok) return `status ${answer.status}`;
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of answer.body ?? []) {
      bytes += piece.length;
      if (bytes > BYTES_MAX) return `more than ${BYTES_MAX} bytes`;
      pieces.push(piece);
    }
    const said: unknown = JSON.parse(Buffer.concat(pieces).toString('utf8'));
    return typeof said === 'object' && said !== null ? { ...said } : 'no page';
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 'timeout' : 'no answer';
  }
}

function read(kind: HoldingsKind, replica: string, said: Readonly<Record<string, unknown>>): Holdings {
  const { appliedIndex, total, next } = said;
  const items = said[kind];
  const rows = Array.isArray(items) ? (items.slice(0, ROWS_MAX) as unknown[]) : [];
  return {
    replica,
    appliedIndex: Number(appliedIndex) || 0,
    total: Number(total) || 0,
    next: typeof next === 'string' ? next : null,
    leases: kind === 'leases' ? (rows as Holdings['leases']) : [],
    locks: kind === 'leases' ? [] : (rows as Holdings['locks']),
  };
}

function refused(status: number, error: string): Answer {
  return { status, content: { error } };
}
