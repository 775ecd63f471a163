import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { asksForUs, COMMON_FILES, HEADERS } from '../../pages/index.js';
import { CallError, type ChaosCalls } from './calls.js';

const CONNECTIONS_MAX = 32;
const BODY_BYTES_MAX = 4_096;
const REQUEST_MS = 10_000;
const TOKEN_BYTES = 24;
/** The files of the page, by their paths. */
const FILES: Readonly<Record<string, readonly [URL, string]>> = {
  '/': [new URL('../../../pages/chaos/index.html', import.meta.url), 'text/html'],
  '/base.css': [COMMON_FILES['base.css'], 'text/css'],
  '/icon.svg': [COMMON_FILES['icon.svg'], 'image/svg+xml'],
  '/style.css': [new URL('../../../pages/chaos/style.css', import.meta.url), 'text/css'],
  '/main.js': [new URL('browser/main.js', import.meta.url), 'text/javascript'],
};

/**
 * The page from which people have faults happen, of the supervisor: an origin of its own, apart from the agent's dashboard, on the
 * loopback. Whoever asks for more than its files must know the token, which is in the address that `aegis up` says, and nowhere on the
 * disk: neither the agent nor a foreign page in the same browser has it.
 */
export class ChaosPage {
  private readonly token = randomBytes(TOKEN_BYTES).toString('base64url');
  private readonly server: Server;

  constructor(private readonly calls: ChaosCalls) {
    const limits = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, maxHeaderSize: 16 * 1024 };
    this.server = createServer(limits, (request, response) => {
      this.take(request, response).catch((error: unknown) => {
        if (error instanceof CallError) send(response, error.status, { error: error.message });
        else send(response, 500, { error: String(error) });
      });
    });
    this.server.maxConnections = CONNECTIONS_MAX;
  }

  /** With the token, where a browser keeps it to itself: it sends no server what follows a #. */
  get address(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/#${this.token}`;
  }

  /** Rejects if the port cannot be opened. */
  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  /** A trace that runs is stopped, and undone. */
  async close(): Promise<void> {
    this.server.closeAllConnections();
    if (this.server.listening) await new Promise<void>((resolve) => this.server.close(() => resolve()));
    await this.calls.close();
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    response.setHeader('cache-control', 'no-store');
    const { method = '', url = '/', headers } = request;
    if (!asksForUs(headers.host, [])) return send(response, 421, refusal('ask for 127.0.0.1'));
    const file = Object.hasOwn(FILES, url) ? FILES[url] : undefined;
    if (method === 'GET' && file !== undefined) {
      response.writeHead(200, { 'content-type': `${file[1]}; charset=utf-8` });
      response.end(readFileSync(file[0]));
      return;
    }
    if (!this.knows(headers.authorization))
      return send(response, 401, refusal('open the address that aegis up said when it was ready'));
    const { calls } = this;
    switch (`${method} ${url}`) {
      case 'GET /api/traces':
        return send(response, 200, { traces: calls.offers() });
      case 'GET /api/run':
        return send(response, 200, { run: calls.state ?? null });
      case 'POST /api/run':
        return send(response, 202, { run: calls.start(await bodyOf(request)) });
      case 'POST /api/stop':
        return send(response, 202, { run: calls.stop() });
      default:
        return send(response, 404, refusal('there is no such page'));
    }
  }

  private knows(authorization: string | undefined): boolean {
    const [said, wanted] = [Buffer.from(authorization ?? ''), Buffer.from(`Bearer ${this.token}`)];
    return said.length === wanted.length && timingSafeEqual(said, wanted);
  }
}

/** Throws CallError. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > BODY_BYTES_MAX) throw new CallError(400, `more than ${BODY_BYTES_MAX} bytes`);
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    throw new CallError(400, 'that is no JSON');
  }
}

function refusal(error: string): object {
  return { error };
}

function send(response: ServerResponse, status: number, content: object): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(content)}\n`);
}
