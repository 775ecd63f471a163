import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { ModelError } from './endpoint.js';
import type { Model } from './model.js';
import { openAiEndpoint } from './openai.js';

const dollars = z.number().min(0).max(1_000);

/** As in docs/model.md. What is not said has the value that stands there. */
const SHAPE = z.strictObject({
  endpoint: z.url().refine(isSafe, 'https is wanted, or http to this machine'),
  model: z.string().min(1).max(200),
  /** A file that holds the key and nothing else; none for a server that wants none. */
  apiKeyFile: z.string().min(1).optional(),
  timeoutMs: z.int().min(100).max(300_000).default(30_000),
  maxOutputTokens: z.int().min(64).max(16_384).default(1_200),
  answers: z.enum(['json_schema', 'json_object', 'text']).default('json_schema'),
  /** Dollars a million tokens. */
  prices: z.strictObject({ input: dollars, output: dollars }),
  /** Dollars. */
  budget: z.strictObject({ perIncident: dollars, perDay: dollars }),
});

export type ModelSettings = z.infer<typeof SHAPE>;

const MILLION = 1_000_000;
const KEY = /^[\x21-\x7e]{1,4096}$/;

/** Reads the settings of the model from a file of YAML. Throws ModelError that names the file and the key. */
export function readModelSettings(path: string): ModelSettings {
  let given: unknown;
  try {
    given = parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 });
  } catch (error) {
    throw new ModelError(
      'Settings',
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const read = SHAPE.safeParse(given);
  if (read.success) return read.data;
  const wrong = read.error.issues.map(
    ({ path: keys, message }) => `${keys.join('.') || 'the file'}: ${message}`,
  );
  throw new ModelError('Settings', `${path}: ${wrong.join('; ')}. See docs/model.md.`);
}

/** A model that is asked over the network. Throws ModelError, which never holds the key. */
export function modelOf(settings: ModelSettings): Model {
  const { endpoint, model, timeoutMs, maxOutputTokens, answers, prices, budget, apiKeyFile } = settings;
  const apiKey = apiKeyFile === undefined ? 'none' : readKey(apiKeyFile);
  return {
    endpoint: openAiEndpoint({ endpoint, apiKey, timeoutMs, answers }),
    model,
    maxOutputTokens,
    prices,
    budget: { perIncident: budget.perIncident * MILLION, perDay: budget.perDay * MILLION },
  };
}

function readKey(path: string): string {
  let key: string;
  try {
    key = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new ModelError('Settings', `apiKeyFile ${path} cannot be read (${code}).`);
  }
  if (!KEY.test(key))
    throw new ModelError('Settings', `apiKeyFile ${path} has to hold one key and nothing else.`);
  return key;
}

/** A key and telemetry in clear text may cross no network. */
function isSafe(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username } = new URL(address);
  if (username !== '') return false;
  return (
    protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
  );
}
