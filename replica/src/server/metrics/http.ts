import { createServer, type Server, type ServerResponse } from 'node:http';

import { RefusedStart } from '../exit.js';
import { hostAndPort } from '../folder/addresses.js';
import type { TlsFacts } from '../tls.js';

export interface TelemetrySources {
  metrics(): Promise<string>;
  /** The process turns its loop and its disk answers. */
  live(): string | undefined;
  /** It knows a leader and has caught up with what was committed when it started. Otherwise why not. */
  ready(): string | undefined;
  /** Which member this is, for operators. */
  member(): MemberFacts;
}

export interface MemberFacts {
  /** empty: new, and there is no record of the first members yet. joining: new, and not (yet) a member. */
  readonly state: 'empty' | 'joining' | 'member';
  /** Of the data folder. */
  readonly nonce: string;
  /** Null while there is no record. */
  readonly clusterId: string | null;
  /** Null while it is no member. */
  readonly memberId: number | null;
}

/** The telemetry port: read-only, plain HTTP. */
export class TelemetryServer {
  readonly #server: Server;
  readonly #address: string;

  /** @param tls undefined: without TLS */
  constructor(address: string, sources: TelemetrySources, tls: { readonly facts: TlsFacts } | undefined) {
    this.#address = address;
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
          probe(response, sources.live());
          return;
        case '/readyz':
          probe(response, sources.ready());
          return;
        case '/member':
          send(
            response,
            200,
            `${JSON.stringify({ ...sources.member(), tls: tls?.facts ?? null })}\n`,
            'application/json',
          );
          return;
        default:
          send(response, 404, 'here are /metrics, /livez, /readyz and /member\n');
      }
    });
  }

  async start(): Promise<void> {
    const { host, port } = hostAndPort(this.#address);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(
          new RefusedStart('busy', `the metrics address ${this.#address} cannot be opened: ${error.message}`),
        );
      });
      this.#server.listen(port, host, () => resolve());
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function probe(response: ServerResponse, problem: string | undefined): void {
  if (problem === undefined) send(response, 200, 'ok\n');
  else send(response, 503, `${problem}\n`);
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
