import type { Cause } from '../diagnose/index.js';
import { narrateAnswer, rankAnswer, type RankAnswer, type Wanted } from './answers.js';
import {
  costMost,
  costOf,
  noteAnswered,
  noteAsked,
  overBudget,
  type Book,
  type Budget,
  type Prices,
} from './budget.js';
import {
  ModelError,
  type Message,
  type ModelAnswer,
  type ModelEndpoint,
  type ModelRequest,
  type ModelTrouble,
} from './endpoint.js';
import type { Question } from './facts.js';
import { recordedAnswer } from './recorded.js';
import { narratePrompt, rankPrompt, repairPrompt, type Ending } from './prompt.js';
import { withNames } from './words.js';

/** A model, and what may be spent on it. */
export interface Model {
  readonly endpoint: ModelEndpoint;
  readonly model: string;
  readonly maxOutputTokens: number;
  readonly prices: Prices;
  readonly budget: Budget;
}

export interface ModelParts extends Model {
  readonly book: Book;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What was asked and what came of it. Texts have the names of replicas in them: pages have to quote them. */
export type Opinion =
  | {
      readonly by: 'model';
      readonly causes: readonly Cause[];
      readonly rationale: string;
      readonly runbooks: readonly string[];
    }
  /** The baseline stands, and why. */
  | { readonly by: 'baseline'; readonly why: string };

export type Narration =
  | { readonly by: 'model'; readonly summary: string; readonly lessons: readonly string[] }
  | { readonly by: 'baseline'; readonly why: string };

/** A first answer, and one that mends it. */
const ATTEMPTS = 2;
/** Nobody charges for a refusal. */
const FREE: ReadonlySet<ModelTrouble> = new Set<ModelTrouble>(['Limited', 'Refused', 'NotRecorded']);

/** Causes in the order of a model. It can order what the baseline found, and add nothing. Never throws for what the model does. */
export async function rankedBy(parts: ModelParts, incident: string, question: Question): Promise<Opinion> {
  const { facts } = question;
  return opinionOf(question, await ask(parts, incident, rankPrompt(facts), rankAnswer(facts)));
}

/** The same out of exchanges that were recorded. Undefined: one of them is missing. Throws ModelError for one that is damaged. */
export function rankedByRecorded(
  folder: string,
  model: Pick<Model, 'model' | 'maxOutputTokens'>,
  question: Question,
): Opinion | undefined {
  const { facts } = question;
  const talk = conversation(model, rankPrompt(facts), rankAnswer(facts));
  let next = talk.next();
  while (next.done !== true) {
    const said = recordedAnswer(folder, next.value);
    if (said === undefined) return undefined;
    next = talk.next(said);
  }
  return opinionOf(question, next.value);
}

function opinionOf({ facts, causes, names }: Question, said: Ended<RankAnswer>): Opinion {
  if ('why' in said) return { by: 'baseline', why: said.why };
  const { causes: order, rationale, runbooks } = said.answer;
  const first = order.map(({ id }) => causes[facts.causes.findIndex((each) => each.id === id)]!);
  const rest = causes.filter((cause) => !first.includes(cause));
  return { by: 'model', causes: [...first, ...rest], rationale: withNames(rationale, names), runbooks };
}

/** The story of an incident. Never throws for what the model does. */
export async function narratedBy(
  parts: ModelParts,
  incident: string,
  { facts, names }: Question,
  ending: Ending,
): Promise<Narration> {
  const said = await ask(parts, incident, narratePrompt(facts, ending), narrateAnswer(facts));
  if ('why' in said) return { by: 'baseline', why: said.why };
  const { summary, lessons } = said.answer;
  return {
    by: 'model',
    summary: withNames(summary, names),
    lessons: lessons.map((lesson) => withNames(lesson, names)),
  };
}

type Ended<T> = { readonly answer: T } | { readonly why: string };

/** The requests of one question: each is yielded, and goes on with its answer. */
function* conversation<T>(
  { model, maxOutputTokens }: Pick<Model, 'model' | 'maxOutputTokens'>,
  prompt: readonly Message[],
  wanted: Wanted<T>,
): Generator<ModelRequest, Ended<T>, ModelAnswer> {
  let messages = prompt;
  let why = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const answer = { name: wanted.name, schema: wanted.schema };
    const { text, cutOff } = yield { model, messages, maxOutputTokens, answer };
    const read = wanted.read(text);
    if ('answer' in read) return read;
    const problems =
      cutOff === true ? [`it ended with the ${maxOutputTokens} tokens that it may have`] : read.problems;
    why = `The model's answer was not accepted: ${problems.slice(0, 3).join('; ')}.`;
    messages = repairPrompt(prompt, text, problems);
  }
  return { why };
}

async function ask<T>(
  parts: ModelParts,
  incident: string,
  prompt: readonly Message[],
  wanted: Wanted<T>,
): Promise<Ended<T>> {
  const { endpoint, prices, budget, book, now } = parts;
  const talk = conversation(parts, prompt, wanted);
  let next = talk.next();
  while (next.done !== true) {
    const request = next.value;
    const most = costMost(request, prices);
    const over = overBudget(book, incident, now(), most, budget);
    if (over !== undefined) return { why: over };
    const asked = noteAsked(book, incident, now(), most, request);
    const said = await endpoint.complete(request).catch(failed);
    if (said instanceof ModelError) {
      // What was cut off may have cost something: it stays counted as the most that it can have been.
      if (FREE.has(said.reason)) noteAnswered(book, incident, now(), asked, 0);
      return { why: said.message };
    }
    noteAnswered(book, incident, now(), asked, costOf(request, said, prices));
    next = talk.next(said);
  }
  return next.value;
}

/** Whatever is wrong with an endpoint, the agent goes on. */
function failed(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  return new ModelError('Unreadable', 'The model failed in a way that is not known.', { cause: error });
}
