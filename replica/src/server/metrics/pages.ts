import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is answered under a path. */
export interface Page {
  /** Of HTTP; 200 if it is left out. */
  readonly status?: number;
  readonly text: string;
  /** Plain text if it is left out. */
  readonly type?: string;
}

/** What a page is asked for: what stands behind the `?`. */
export type Query = URLSearchParams;

/** By path. A page that throws is answered with 500 and why. */
export type Pages = Readonly<Record<string, (query: Query) => Page | Promise<Page>>>;

/** A read-only port of plain HTTP: that it answers at all means that the process lives. */
export class PagesServer {
  readonly #server: Server;

  constructor(pages: Pages) {
    const paths = Object.keys(pages);
    this.#server = createServer((request, response) => {
      if (request.method !== 'GET') {
        send(response, { status: 405, text: 'this port is read-only: GET\n' });
        return;
      }
      const [path = '', query] = (request.url ?? '').split('?', 2);
      const page = paths.includes(path) ? pages[path]! : undefined;
      if (page === undefined) {
        send(response, { status: 404, text: `here are ${paths.join(', ')}\n` });
        return;
      }
      answer(page, new URLSearchParams(query)).then(
        (said) => send(response, said),
        (error: unknown) => send(response, { status: 500, text: `${String(error)}\n` }),
      );
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Rejects if the port cannot be opened. */
  async start({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** What Prometheus reads. */
export async function metricsPage(metrics: () => Promise<string>): Promise<Page> {
  return { text: await metrics(), type: 'text/plain; version=0.0.4; charset=utf-8' };
}

/** @param problem undefined: all is well */
export function probePage(problem: string | undefined): Page {
  return problem === undefined ? { text: 'ok\n' } : { status: 503, text: `${problem}\n` };
}

async function answer(page: Pages[string], query: Query): Promise<Page> {
  return page(query);
}

function send(
  response: ServerResponse,
  { status = 200, text, type = 'text/plain; charset=utf-8' }: Page,
): void {
  response.writeHead(status, { 'content-type': type });
  response.end(text);
}
