import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Identity } from '../model/identity.js';
import { ApiError } from './api-types.js';
import { FaultPlan, type Fault } from './faults.js';
import { findRoute, type Route } from './router.js';

/** One request that came, for tests that count. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly login: string | undefined;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const BODY_BYTES_MAX = 4 * 1024 * 1024;
const DOCS = 'https://docs.github.com/rest';
const HOUR_S = 3600;

/** GitHub's manners over HTTP: identities by token, ETags and 304, hourly limits, errors in its form, faults on order. */
export class ApiServer {
  readonly faults = new FaultPlan();
  readonly seen: Seen[] = [];
  /** Requests an hour and identity. */
  hourlyLimit = 5000;
  private readonly used = new Map<string, number>();
  private readonly server: Server;

  private constructor(
    private readonly routes: readonly Route[],
    private readonly whoHas: (token: string) => Identity | undefined,
    private readonly host: string,
  ) {
    this.server = createServer((request, response) => {
      this.serve(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    });
  }

  static async start(
    routes: (url: string) => readonly Route[],
    whoHas: (token: string) => Identity | undefined,
    host: string,
  ) {
    const table: Route[] = [];
    const server = new ApiServer(table, whoHas, host);
    await new Promise<void>((resolve) => server.server.listen(0, host, resolve));
    table.push(...routes(server.url));
    return server;
  }

  get url(): string {
    return `http://${this.host}:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const method = request.method ?? 'GET';
    const viewer = this.viewerOf(request);
    const fault = this.faults.take(decodeURIComponent(url.pathname));
    const note = (status: number) => {
      this.seen.push({ method, path: url.pathname + url.search, status, login: viewer?.login });
    };
    if (fault?.kind === 'silence') return note(0);
    if (fault?.kind === 'reset') {
      note(0);
      request.socket.destroy();
      return;
    }
    const limits = this.limitsOf(viewer);
    const broken = fault === undefined ? undefined : brokenReply(fault);
    if (broken !== undefined) {
      note(broken.status);
      response.writeHead(broken.status, { ...limits, ...broken.headers });
      response.end(broken.text);
      return;
    }
    const reply = await this.answer(request, method, url, viewer);
    const body = fault?.kind === 'altered' ? fault.alter(reply.body) : reply.body;
    const text = body === undefined ? '' : JSON.stringify(body);
    const etag = `W/"${createHash('sha256').update(text).digest('hex')}"`;
    const headers = { ...limits, 'content-type': 'application/json; charset=utf-8', ...reply.headers };
    if (method === 'GET' && reply.status === 200 && request.headers['if-none-match'] === etag) {
      note(304);
      response.writeHead(304, { ...limits, etag });
      response.end();
      return;
    }
    note(reply.status);
    this.count(viewer);
    const bytes = fault?.kind === 'truncated' ? text.slice(0, text.length / 2) : text;
    response.writeHead(
      reply.status,
      method === 'GET' && reply.status === 200 ? { ...headers, etag } : headers,
    );
    response.end(bytes);
  }

  private async answer(
    request: IncomingMessage,
    method: string,
    url: URL,
    viewer: Identity | undefined | null,
  ): Promise<Reply> {
    try {
      if (viewer === null) throw new ApiError(401, 'Bad credentials');
      if (this.usedBy(viewer) >= this.hourlyLimit) {
        throw new ApiError(403, `API rate limit exceeded for ${viewer?.login ?? 'this address'}.`);
      }
      const found = findRoute(this.routes, method, url.pathname);
      if (found === undefined) throw new ApiError(404, 'Not Found');
      const body = await readBody(request);
      return await found.route.handle({ params: found.params, query: url.searchParams, body, viewer, url });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { status, message, errors, headers = {} } = error;
      const body = { message, ...(errors && { errors }), documentation_url: DOCS, status: String(status) };
      return { status, body, headers };
    }
  }

  /** Null: a token that nobody has. */
  private viewerOf(request: IncomingMessage): Identity | undefined | null {
    const header = request.headers.authorization;
    if (header === undefined) return undefined;
    const token = /^(?:token|bearer) (.+)$/i.exec(header)?.[1];
    return (token === undefined ? undefined : this.whoHas(token)) ?? null;
  }

  private limitsOf(viewer: Identity | undefined | null): Record<string, string> {
    const used = this.usedBy(viewer);
    const reset = Math.ceil(Date.now() / 1000 / HOUR_S) * HOUR_S;
    return {
      'x-ratelimit-limit': String(this.hourlyLimit),
      'x-ratelimit-remaining': String(Math.max(0, this.hourlyLimit - used)),
      'x-ratelimit-used': String(used),
      'x-ratelimit-reset': String(reset),
      'x-ratelimit-resource': 'core',
    };
  }

  private usedBy(viewer: Identity | undefined | null): number {
    return this.used.get(viewer?.login ?? '') ?? 0;
  }

  private count(viewer: Identity | undefined | null): void {
    this.used.set(viewer?.login ?? '', this.usedBy(viewer) + 1);
  }
}

async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new ApiError(413, 'The request is too large.');
    chunks.push(chunk);
  }
  if (bytes === 0) return {};
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // Falls through to the refusal.
  }
  throw new ApiError(400, 'Problems parsing JSON');
}

/** The whole reply of a fault that needs no true answer. */
function brokenReply(fault: Fault) {
  const json = (status: number, message: string, headers: Record<string, string> = {}) => ({
    status,
    text: JSON.stringify({ message, documentation_url: DOCS, status: String(status) }),
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });
  switch (fault.kind) {
    case 'rate-limit': {
      const reset = String(Math.ceil(Date.now() / 1000) + fault.resetSeconds);
      const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
      return json(403, 'API rate limit exceeded for this identity.', headers);
    }
    case 'retry-after':
      return json(fault.status, 'You have exceeded a secondary rate limit.', {
        'retry-after': String(fault.seconds),
      });
    case 'secondary-limit':
      return json(
        403,
        'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      );
    case 'status':
      return json(fault.status, fault.message ?? 'Server Error');
    case 'body':
      return {
        status: 200,
        text: fault.text,
        headers: { 'content-type': fault.contentType ?? 'application/json' },
      };
    case 'altered':
    case 'truncated':
    case 'reset':
    case 'silence':
      return undefined;
  }
}
