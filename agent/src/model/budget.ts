import type { EvidenceLog } from '../evidence/index.js';
import { hashOf, type Message, type ModelAnswer, type ModelRequest } from './endpoint.js';

/** In millionths of a dollar. A price in dollars a million tokens is the same number in millionths a token. */
export interface Budget {
  readonly perIncident: number;
  readonly perDay: number;
}

export interface Prices {
  readonly input: number;
  readonly output: number;
}

/** What was spent is kept in the evidence, so that a restart does not begin anew. */
export type Book = Pick<EvidenceLog, 'records' | 'append'>;

const DAY_MS = 86_400_000;
const ASKED = 'model-asked';
const ANSWERED = 'model-answered';
/** No tokenizer of any model makes more than one token of a byte. Used before it is known; afterwards the endpoint's count is. */
const TOKENS_PER_BYTE = 1;
const TOKENS_A_MESSAGE = 16;

/** What a request can cost at most. */
export function costMost({ messages, maxOutputTokens, answer }: ModelRequest, prices: Prices): number {
  return cost(inputMost(messages, answer.schema), maxOutputTokens, prices);
}

/** What it did cost; where the endpoint does not count, the most that it can have been. */
export function costOf(request: ModelRequest, answer: ModelAnswer, prices: Prices): number {
  return cost(
    answer.inputTokens ?? inputMost(request.messages, request.answer.schema),
    answer.outputTokens ?? Math.max(request.maxOutputTokens, bytes(answer.text)),
    prices,
  );
}

/** Undefined: it fits. Otherwise which budget it would pass. A request that was cut off counts as if it had cost the most. */
export function overBudget(
  book: Book,
  incident: string,
  now: number,
  most: number,
  budget: Budget,
): string | undefined {
  const today = Math.floor(now / DAY_MS);
  const spent = spentBy(book);
  const ofIncident = sum(spent.filter((each) => each.incident === incident));
  const ofDay = sum(spent.filter(({ at }) => Math.floor(at / DAY_MS) === today));
  const over = (what: string, used: number, limit: number): string =>
    `The budget of ${what} is ${limit} millionths of a dollar; ${used} are spent, and the request may cost ${most}.`;
  if (ofIncident + most > budget.perIncident) return over('an incident', ofIncident, budget.perIncident);
  return ofDay + most > budget.perDay ? over('a day', ofDay, budget.perDay) : undefined;
}

/** Notes that a request leaves now, and which. @returns the number under which it is settled */
export function noteAsked(
  book: Book,
  incident: string,
  now: number,
  most: number,
  request: ModelRequest,
): number {
  return book.append(now, incident, ASKED, { most, model: request.model, request: hashOf(request) }).n;
}

export function noteAnswered(book: Book, incident: string, now: number, asked: number, cost: number): void {
  book.append(now, incident, ANSWERED, { asked, cost });
}

interface Spent {
  readonly at: number;
  readonly incident: string;
  readonly cost: number;
}

function spentBy({ records }: Book): readonly Spent[] {
  const settled = new Map<number, number>();
  for (const { step, output } of records)
    if (step === ANSWERED) {
      const { asked, cost } = output as { asked: number; cost: number };
      settled.set(asked, cost);
    }
  return records.flatMap(({ n, step, at, incident, output }) =>
    step === ASKED ? [{ at, incident, cost: settled.get(n) ?? (output as { most: number }).most }] : [],
  );
}

function sum(spent: readonly Spent[]): number {
  return spent.reduce((total, { cost }) => total + cost, 0);
}

function inputMost(messages: readonly Message[], schema: Readonly<Record<string, unknown>>): number {
  const said = messages.reduce((total, { content }) => total + bytes(content) + TOKENS_A_MESSAGE, 0);
  return TOKENS_PER_BYTE * (said + bytes(JSON.stringify(schema)));
}

function cost(input: number, output: number, prices: Prices): number {
  return Math.ceil(input * prices.input + output * prices.output);
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}
