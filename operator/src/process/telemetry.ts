import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TelemetrySources {
  metrics(): Promise<string>;
  /** Undefined: it works, or waits to; else why not. */
  ready(): string | undefined;
}

/** The operator's only port: read-only, plain HTTP. That it answers at all means that it lives. */
export class Telemetry {
  readonly #server: Server;

  constructor(sources: TelemetrySources) {
    this.#server = createServer((request, response) => {
      if (request.method !== 'GET') {
        send(response, 405, 'this port is read-only: GET\n');
        return;
      }
      switch (request.url) {
        case '/metrics':
          sources.metrics().then(
            (text) => send(response, 200, text, 'text/plain; version=0.0.4; charset=utf-8'),
            (error: unknown) => send(response, 500, `${String(error)}\n`),
          );
          return;
        case '/livez':
          send(response, 200, 'ok\n');
          return;
        case '/readyz': {
          const why = sources.ready();
          send(response, why === undefined ? 200 : 503, `${why ?? 'ok'}\n`);
          return;
        }
        default:
          send(response, 404, 'here are /metrics, /livez and /readyz\n');
      }
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Rejects if the port is taken. */
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

function send(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type });
  response.end(text);
}
