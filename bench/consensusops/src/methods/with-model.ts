import { classify } from '@aegis/agent/classify';
import { diagnose } from '@aegis/agent/diagnose';
import { questionOf, rankedBy, rankedByRecorded, type ModelParts } from '@aegis/agent/model';
import { readRunbooks } from '@aegis/agent/retrieve';
import type { Window } from '@aegis/agent/telemetry';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileError } from '../labels/index.js';
import type { Answer, Method } from './method.js';

/** Whose answers a folder of exchanges has. */
export interface Answering {
  readonly model: string;
  readonly maxOutputTokens: number;
}

const HEAD = 'model.json';
export const WITH_MODEL = 'retrieval with a model';

export interface ModelMethod extends Method {
  /** How often there was something to ask, how often the answer is recorded, and how often it was accepted. */
  readonly counts: { asked: number; recorded: number; accepted: number };
}

/**
 * The agent with a model, out of exchanges that were recorded. What is not recorded, or was not accepted, is as the baseline has it.
 * Undefined: the folder has no exchanges. Throws FileError.
 */
export function withModel(folder: string): ModelMethod | undefined {
  if (!existsSync(join(folder, HEAD))) return undefined;
  const answering = readHead(join(folder, HEAD));
  const runbooks = readRunbooks();
  const counts = { asked: 0, recorded: 0, accepted: 0 };
  return {
    name: WITH_MODEL,
    about: `The baseline, its causes put in order by ${answering.model} with runbooks that fit (agent/src/model).`,
    grid: {},
    counts,
    judge(window): Answer {
      const seen = classify(window);
      const { causes, path } = diagnose(window, seen);
      const classes = seen.classes.map((finding) => finding.class);
      const question = questionOf(window, runbooks, [], seen);
      if (question === undefined) return { classes, causes, path };
      counts.asked += 1;
      const opinion = rankedByRecorded(folder, answering, question);
      if (opinion === undefined) return { classes, causes, path };
      counts.recorded += 1;
      if (opinion.by === 'baseline') return { classes, causes, path };
      counts.accepted += 1;
      // As in the agent: the weights stay with the places in the order.
      const weights = causes.map(({ confidence }) => confidence).sort((a, b) => b - a);
      const order = [...opinion.causes, ...causes.slice(opinion.causes.length)];
      return {
        classes,
        causes: order.map(({ fault, at }, rank) => ({ fault, at, confidence: weights[rank]! })),
        path,
      };
    },
  };
}

/** Asks a model about each window that has an incident; what it answers is recorded by the endpoint. @returns why it did not answer, each reason once */
export async function askModel(
  folder: string,
  windows: readonly Window[],
  parts: ModelParts,
): Promise<readonly string[]> {
  const { model, maxOutputTokens } = parts;
  const runbooks = readRunbooks();
  const reasons = new Set<string>();
  for (const [at, window] of windows.entries()) {
    const question = questionOf(window, runbooks, []);
    if (question === undefined) continue;
    const opinion = await rankedBy(parts, `window ${at}`, question);
    if (opinion.by === 'baseline') reasons.add(opinion.why);
  }
  writeFileSync(join(folder, HEAD), `${JSON.stringify({ model, maxOutputTokens } satisfies Answering)}\n`);
  return [...reasons];
}

function readHead(path: string): Answering {
  let head: Partial<Answering> | null;
  try {
    head = JSON.parse(readFileSync(path, 'utf8')) as Partial<Answering> | null;
  } catch (error) {
    throw new FileError(path, `it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { model, maxOutputTokens } = head ?? {};
  if (typeof model !== 'string' || typeof maxOutputTokens !== 'number')
    throw new FileError(path, 'has to say model and maxOutputTokens');
  return { model, maxOutputTokens };
}
