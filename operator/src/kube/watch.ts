import type { IncomingMessage } from 'node:http';
import { ConnectionError, errorOf } from './errors.js';
import { endWhenSilent, failureOf } from './exchange.js';
import type { KubeObject } from './object.js';

/** What a watch tells. A bookmark says only how far it has come. */
export type WatchEvent<T extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly object: KubeObject };

/** An object has at most 1.5 MiB in the API server's storage. */
const LINE_CHARACTERS_MAX = 8 * 1024 * 1024;

/**
 * The events of a watch's answer, one line of JSON each. Ends when the server ends it; throws ApiError for an error event (410:
 * the version is too old), ConnectionError for a broken or silent connection. `silenceMs` is how long nothing may come.
 */
export async function* readWatch<T extends KubeObject>(
  response: IncomingMessage,
  what: string,
  silenceMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchEvent<T>> {
  response.setEncoding('utf8');
  const silence = endWhenSilent(response, silenceMs);
  let rest = '';
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      silence.refresh();
      rest += chunk;
      if (rest.length > LINE_CHARACTERS_MAX) throw new ConnectionError(`${what}: an event is too large`);
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 1);
        if (line.trim() !== '') yield parse<T>(line, what);
      }
    }
  } catch (error) {
    throw failureOf(error, what, signal);
  } finally {
    clearTimeout(silence);
    response.destroy();
  }
}

function parse<T extends KubeObject>(line: string, what: string): WatchEvent<T> {
  let event: { type?: unknown; object?: unknown };
  try {
    event = JSON.parse(line) as typeof event;
  } catch (error) {
    throw new ConnectionError(`${what}: an event is no JSON`, { cause: error });
  }
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return event as WatchEvent<T>;
    case 'ERROR': {
      const { code } = event.object as { code?: number };
      throw errorOf(code ?? 500, JSON.stringify(event.object), undefined, what);
    }
    default:
      throw new ConnectionError(`${what}: unknown event ${JSON.stringify(event.type)}`);
  }
}
