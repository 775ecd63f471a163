import {
  createServer,
  request as requestPlain,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { request as requestTls } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { ApiServer } from '../kube/server.js';

/** An answer in the API server's place. */
export interface Answer {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of a Status object. */
  readonly body?: string;
  /** Which requests it is for; all, unless told. */
  readonly only?: (request: { readonly method: string; readonly url: string }) => boolean;
}

/**
 * Stands before an API server, in plain HTTP, and misbehaves on order: so the same cases run against a server for tests and a
 * real one.
 */
export class FaultyProxy {
  readonly #upstream: ApiServer;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #answers: Answer[] = [];
  /** Requests that came in, as `GET /api/v1/configmaps`, without their queries. */
  readonly requests: string[] = [];
  /** How long each answer is held back, in milliseconds. */
  delayMs = 0;
  /** Takes connections and requests, and never answers. */
  silent = false;
  /** Requests that are answered with 503 as long as this is set. */
  refuses: ((request: { readonly method: string; readonly url: string }) => boolean) | undefined;

  constructor(upstream: ApiServer) {
    this.#upstream = upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
  }

  /** As a kill: every connection breaks, and none is taken until it starts again, at the same port. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.breakConnections();
    await closed;
  }

  breakConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The next requests that they are for get these answers, one each. */
  answer(...answers: readonly Answer[]): void {
    this.#answers.push(...answers);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    this.requests.push(`${method} ${url.split('?')[0]}`);
    if (this.silent) return;
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (this.refuses?.({ method, url }) === true) {
      request.resume();
      send(response, { status: 503, reason: 'ServiceUnavailable' });
      return;
    }
    const at = this.#answers.findIndex(({ only }) => only === undefined || only({ method, url }));
    if (at >= 0) {
      const [answer] = this.#answers.splice(at, 1);
      request.resume();
      send(response, answer!);
      return;
    }
    const target = new URL(this.#upstream.url);
    const [path, query = ''] = url.split('?');
    target.pathname = `${target.pathname.replace(/\/$/, '')}${path}`;
    target.search = query;
    const { host: _, connection: __, ...headers } = request.headers;
    const options = { method, headers: { ...headers } };
    await this.#upstream.authenticate(options);
    const forward = target.protocol === 'https:' ? requestTls : requestPlain;
    const sent = forward(target, options, (answered) => {
      const { 'transfer-encoding': ___, connection: ____, ...kept } = answered.headers;
      response.writeHead(answered.statusCode ?? 502, kept);
      response.flushHeaders();
      answered.on('error', () => response.destroy());
      answered.pipe(response);
      response.once('close', () => answered.destroy());
    });
    sent.on('error', () => response.destroy());
    request.pipe(sent);
  }
}

function send(response: ServerResponse, { status, reason = 'Faulty', headers = {}, body }: Answer): void {
  const said =
    body ??
    JSON.stringify({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code: status,
      reason,
      message: 'on order',
    });
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(said);
}
