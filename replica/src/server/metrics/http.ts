import { RefusedStart } from '../exit.js';
import { hostAndPort } from '../folder/addresses.js';
import type { TlsFacts } from '../tls.js';
import { HoldingsPages } from './holdings/pages.js';
import type { Holdings } from './holdings/holdings.js';
import { metricsPage, type Pages, PagesServer, probePage } from './pages.js';

export interface TelemetrySources {
  /** @param only these metrics; none: all of them */
  metrics(only: readonly string[]): Promise<string>;
  /** The process turns its loop and its disk answers. */
  live(): string | undefined;
  /** It knows a leader and has caught up with what was committed when it started. Otherwise why not. */
  ready(): string | undefined;
  /** Which member this is, for operators. */
  member(): MemberFacts;
  /** What clients hold and wait for; left out by who has no state yet. */
  readonly holdings?: Holdings;
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
  readonly #server: PagesServer;
  readonly #address: string;

  /** @param tls undefined: without TLS */
  constructor(address: string, sources: TelemetrySources, tls: { readonly facts: TlsFacts } | undefined) {
    this.#address = address;
    const holdings: Pages = sources.holdings === undefined ? {} : new HoldingsPages(sources.holdings).pages;
    this.#server = new PagesServer({
      '/metrics': (query) => metricsPage(() => sources.metrics(query.getAll('name[]'))),
      '/livez': () => probePage(sources.live()),
      '/readyz': () => probePage(sources.ready()),
      '/member': () => ({
        text: `${JSON.stringify({ ...sources.member(), tls: tls?.facts ?? null })}\n`,
        type: 'application/json',
      }),
      ...holdings,
    });
  }

  /** Throws a RefusedStart if the address cannot be opened. */
  async start(): Promise<void> {
    await this.#server.start(hostAndPort(this.#address)).catch((error: Error) => {
      throw new RefusedStart(
        'busy',
        `the metrics address ${this.#address} cannot be opened: ${error.message}`,
      );
    });
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}
