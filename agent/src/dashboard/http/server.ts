import { asksForUs, HEADERS } from '@aegis/client/pages';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Asset } from './assets.js';
import { listPage } from './list.js';
import type { Streams } from './streams.js';

const CONNECTIONS_MAX = 128;
const URL_CHARACTERS_MAX = 8_192;
const HEADER_BYTES_MAX = 16 * 1024;
/** Answers that are being made. */
const ASKED_MAX = 16;

/** What a request gets. */
export interface Answer {
  readonly status?: number;
  readonly content: object;
}

/** Answers that are made for each request, by path. One that throws is answered with 500. */
export type Answers = Readonly<Record<string, (query: URLSearchParams) => Answer | Promise<Answer>>>;

/** What there is to be asked about one cluster. */
export interface View {
  readonly answers: Answers;
  readonly streams: Streams;
}

export interface ServerParts {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly views: {
    readonly paths: readonly string[];
    find(path: string): { readonly view: View; readonly rest: string } | undefined;
  };
  /** Names by which people reach it, besides those of this machine. */
  readonly hosts: readonly string[];
}

/** The dashboard's port: GET alone, nothing behind it changes anything. */
export class DashboardServer {
  readonly #server: Server;
  #asked = 0;

  constructor(private readonly parts: ServerParts) {
    const limits = { maxHeaderSize: HEADER_BYTES_MAX, requestTimeout: 10_000, headersTimeout: 5_000 };
    this.#server = createServer(limits, (request, response) => this.#take(request, response));
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Rejects if the port cannot be opened. */
  async start({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const { method, url = '/', headers } = request;
    if (method !== 'GET') return refuse(response, 405, 'the dashboard shows, and changes nothing: GET');
    if (!asksForUs(headers.host, this.parts.hosts))
      return refuse(
        response,
        421,
        'this name is none of the dashboard’s: see dashboardHosts of its configuration',
      );
    if (url.length > URL_CHARACTERS_MAX) return refuse(response, 414, 'the address is too long');
    const [path = '/', query] = url.split('?', 2);
    const { assets, views } = this.parts;
    const asset = path === '/' ? undefined : assets.get(path);
    if (asset !== undefined) return sendAsset(request, response, asset);
    const found = views.find(path);
    if (found === undefined && path === '/') return this.#list(response);
    if (found === undefined) return refuse(response, 404, 'there is no such page');
    const { view, rest } = found;
    if (rest === '') return redirect(response, `${path}/`);
    if (rest === '/') return sendAsset(request, response, assets.get('/')!);
    if (rest === '/api/live') return stream(response, view.streams);
    if (!Object.hasOwn(view.answers, rest)) return refuse(response, 404, 'there is no such page');
    void this.#answer(response, view.answers[rest]!, new URLSearchParams(query));
  }

  /** Where there are several clusters, or none: the only one is shown at once. */
  #list(response: ServerResponse): void {
    const { paths } = this.parts.views;
    if (paths.length === 1) return redirect(response, `${paths[0]}/`);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    response.end(listPage(paths));
  }

  async #answer(response: ServerResponse, make: Answers[string], query: URLSearchParams): Promise<void> {
    if (this.#asked >= ASKED_MAX) return refuse(response, 503, 'too much is being asked: ask again');
    this.#asked++;
    try {
      const { status = 200, content } = await make(query);
      sendJson(response, status, content);
    } catch (error) {
      refuse(response, 500, (error as Error).message);
    } finally {
      this.#asked--;
    }
  }
}

/** Kept compressed; the page is always asked for anew, so that it fits the agent that serves it. */
const compressed = new WeakMap<Asset, Buffer>();

function sendAsset({ headers }: IncomingMessage, response: ServerResponse, asset: Asset): void {
  response.setHeader('cache-control', 'no-cache');
  response.setHeader('content-type', asset.type);
  response.setHeader('vary', 'accept-encoding');
  if (!/\bgzip\b/.test(headers['accept-encoding'] ?? '')) {
    response.end(asset.bytes);
    return;
  }
  let bytes = compressed.get(asset);
  if (bytes === undefined) compressed.set(asset, (bytes = gzipSync(asset.bytes)));
  response.setHeader('content-encoding', 'gzip');
  response.end(bytes);
}

function sendJson(response: ServerResponse, status: number, content: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(content)}\n`);
}

function stream(response: ServerResponse, streams: Streams): void {
  if (streams.full) return refuse(response, 503, 'too many look at the dashboard: ask again later');
  streams.add(response);
}

/** Not for good: what is there may be another thing tomorrow. */
function redirect(response: ServerResponse, to: string): void {
  response.writeHead(307, { location: to, 'cache-control': 'no-store' });
  response.end();
}

function refuse(response: ServerResponse, status: number, error: string): void {
  if (status === 405) response.setHeader('allow', 'GET');
  sendJson(response, status, { error });
}
