import { InvalidRequestError } from '../errors/index.js';

/** How long an endpoint that failed is passed over, in milliseconds, while others have not been tried. */
const SHUN_MS = 1_000;

/** The addresses at which replicas are known to listen, and which of them to try next. */
export class Endpoints {
  private readonly known: string[];
  private readonly shunnedUntilMs = new Map<string, number>();
  private turn: number;

  /** @param start which of the given ones to try first: drawn at random, so that clients spread out. */
  constructor(given: readonly string[], start: number) {
    for (const endpoint of given) checkEndpoint(endpoint);
    if (given.length === 0) throw invalid('no endpoints: give at least one host:port');
    this.known = [...new Set(given)];
    this.turn = start % this.known.length;
  }

  get all(): readonly string[] {
    return this.known;
  }

  learn(endpoints: readonly string[]): void {
    for (const endpoint of endpoints) {
      if (endpoint !== '' && !this.known.includes(endpoint)) this.known.push(endpoint);
    }
  }

  /** Passes the endpoint over for a while. */
  shun(endpoint: string, nowMs: number): void {
    this.shunnedUntilMs.set(endpoint, nowMs + SHUN_MS);
  }

  forgive(endpoint: string): void {
    this.shunnedUntilMs.delete(endpoint);
  }

  shunned(endpoint: string, nowMs: number): boolean {
    return (this.shunnedUntilMs.get(endpoint) ?? 0) > nowMs;
  }

  /** The next one in turn that did not fail lately; undefined when all of them did. */
  next(nowMs: number): string | undefined {
    for (let step = 0; step < this.known.length; step++) {
      const endpoint = this.known[(this.turn + step) % this.known.length]!;
      if (this.shunned(endpoint, nowMs)) continue;
      this.turn = (this.turn + step + 1) % this.known.length;
      return endpoint;
    }
    return undefined;
  }

  /** The next one in turn, whatever happened to it. */
  any(): string {
    const endpoint = this.known[this.turn % this.known.length]!;
    this.turn = (this.turn + 1) % this.known.length;
    return endpoint;
  }
}

function checkEndpoint(endpoint: string): void {
  const match = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(endpoint);
  const port = Number(match?.[1] ?? 0);
  if (port < 1 || port > 65_535) throw invalid(`endpoint ${JSON.stringify(endpoint)} is not host:port`);
}

function invalid(message: string): InvalidRequestError {
  return new InvalidRequestError('INVALID_ARGUMENT', message, { retryable: false, definite: true });
}
