import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, ModelError, type ModelAnswer, type ModelEndpoint, type ModelRequest } from './endpoint.js';

interface Exchange {
  readonly request: ModelRequest;
  readonly answer: ModelAnswer;
}

/** Exchanges of a folder, one file each, named by the hash of the request. Free, offline, and the same each time. */
export function recordedEndpoint(folder: string): ModelEndpoint {
  return {
    complete: async (request) => {
      const answer = recordedAnswer(folder, request);
      if (answer !== undefined) return answer;
      throw new ModelError(
        'NotRecorded',
        `${folder} has no exchange ${hashOf(request)}.json: record it anew.`,
      );
    },
  };
}

/** Undefined: it was not recorded. Throws ModelError for a file that is damaged, or is of another request. */
export function recordedAnswer(folder: string, request: ModelRequest): ModelAnswer | undefined {
  const hash = hashOf(request);
  const path = join(folder, `${hash}.json`);
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const damaged = (what: string): ModelError => new ModelError('Unreadable', `${path}: ${what}.`);
  let exchange: Partial<Exchange> | null;
  try {
    exchange = JSON.parse(content) as Partial<Exchange> | null;
  } catch {
    throw damaged('no JSON');
  }
  const { request: asked, answer } = exchange ?? {};
  if (typeof answer?.text !== 'string' || !Array.isArray(asked?.messages)) throw damaged('no exchange');
  if (hashOf(asked) !== hash) throw damaged('it was changed: its request has another hash');
  return answer;
}

/** Passes questions on, and keeps each exchange that was answered. The key is no part of it. */
export function recording(endpoint: ModelEndpoint, folder: string): ModelEndpoint {
  mkdirSync(folder, { recursive: true });
  return {
    async complete(request) {
      const answer = await endpoint.complete(request);
      const path = join(folder, `${hashOf(request)}.json`);
      writeFileSync(`${path}.part`, `${JSON.stringify({ request, answer }, undefined, 1)}\n`);
      renameSync(`${path}.part`, path);
      return answer;
    },
  };
}
