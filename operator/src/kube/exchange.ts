import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestTls, type RequestOptions } from 'node:https';
import { ApiError, ConnectionError } from './errors.js';
import type { ApiServer } from './server.js';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
  /** How long its headers may take to come. */
  readonly timeoutMs: number;
}

/** Lists come in pages of a few hundred objects; whatever is larger is something else. */
export const BODY_BYTES_MAX = 64 * 1024 * 1024;

/** One request and the beginning of its answer. Throws ConnectionError, or what the signal says. */
export async function exchange(server: ApiServer, call: Call): Promise<IncomingMessage> {
  const { method, path, query = {}, body, contentType = 'application/json', signal, timeoutMs } = call;
  signal?.throwIfAborted();
  const url = new URL(server.url);
  url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, value);
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const options: RequestOptions = {
    method,
    headers: {
      accept: 'application/json',
      'user-agent': 'aegis-operator',
      ...(payload === undefined ? {} : { 'content-type': contentType, 'content-length': payload.length }),
    },
    ...(signal === undefined ? {} : { signal }),
  };
  await server.authenticate(options);
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestTls : requestPlain;
    const sent = send(url, options, (response) => {
      clearTimeout(deadline);
      resolve(response);
    });
    const deadline = setTimeout(() => {
      sent.destroy(new ConnectionError(`${method} ${path}: no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    sent.on('error', (error) => {
      clearTimeout(deadline);
      reject(failureOf(error, `${method} ${path}`, signal));
    });
    sent.end(payload);
  });
}

/** Breaks an answer off from which nothing comes for so long; refresh it with whatever comes, clear it in the end. */
export function endWhenSilent(response: IncomingMessage, silenceMs: number): NodeJS.Timeout {
  return setTimeout(() => response.destroy(new Error(`nothing came for ${silenceMs} ms`)), silenceMs);
}

/** The whole body as text. `timeoutMs`: how long it may stand still. */
export async function readBody(response: IncomingMessage, what: string, timeoutMs: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const silence = endWhenSilent(response, timeoutMs);
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      silence.refresh();
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) throw new Error(`more than ${BODY_BYTES_MAX} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    response.destroy();
    throw failureOf(error, what, undefined);
  } finally {
    clearTimeout(silence);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function failureOf(error: unknown, what: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  if (error instanceof ConnectionError || error instanceof ApiError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ConnectionError(`${what}: ${message}`, { cause: error });
}
