import { Answer, ForgeError, limitedFetch, troubleOf, type Failure } from '@aegis/operator/github';
import { Octokit } from '@octokit/rest';

export interface Surroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** For tests that cut the agent off in the middle of a request. */
  readonly fetch: typeof fetch;
}

export interface Answered {
  readonly status: number;
  readonly answer: Answer;
}

const ANSWER_TIMEOUT_MS = 15_000;
/** GitHub asks for a second between requests that change something. */
const BETWEEN_CHANGES_MS = 1_000;
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * Requests to one GitHub as one identity: one at a time, changes at least a second apart, and none while GitHub wants to be left alone.
 * Nothing is tried again in here: all that the agent does may be done again later, from the beginning.
 */
export class Requests {
  private readonly octokit: Octokit;
  private readonly surroundings: Surroundings;
  private silentUntil = 0;
  private lastTrouble: ForgeError | undefined;
  private failures = 0;
  private lastChangeAt = Number.NEGATIVE_INFINITY;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    apiUrl: string,
    private readonly token: () => Promise<string>,
    surroundings: Partial<Surroundings> = {},
  ) {
    this.surroundings = {
      now: Date.now,
      random: Math.random,
      sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
      fetch: limitedFetch,
      ...surroundings,
    };
    this.octokit = new Octokit({
      baseUrl: apiUrl.replace(/\/+$/, ''),
      userAgent: 'aegis-agent',
      log: SILENT,
      request: { fetch: this.surroundings.fetch },
    });
  }

  /**
   * One answer. Throws ForgeError for a status that is neither a success nor expected.
   *
   * @param route as `GET /repos/{owner}/{repo}`
   * @param expected statuses that are an answer, too
   */
  send(
    route: string,
    parameters: Readonly<Record<string, unknown>> = {},
    expected: readonly number[] = [],
  ): Promise<Answered> {
    const answered = this.queue.then(() => this.ask(route, parameters, expected));
    this.queue = answered.catch(() => {});
    return answered;
  }

  private async ask(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    expected: readonly number[],
  ): Promise<Answered> {
    const { now, sleep } = this.surroundings;
    const silentMs = this.silentUntil - now();
    if (silentMs > 0 && this.lastTrouble !== undefined)
      throw new ForgeError(this.lastTrouble.reason, this.lastTrouble.message, silentMs);
    const changes = !route.startsWith('GET ');
    if (changes) await sleep(Math.max(0, this.lastChangeAt + BETWEEN_CHANGES_MS - now()));
    try {
      const response = await this.octokit.request(route, {
        ...parameters,
        headers: { authorization: `token ${await this.token()}` },
        request: { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) },
      });
      if (response.status >= 300)
        throw this.trouble({ status: response.status, headers: response.headers, message: 'not an answer' });
      this.failures = 0;
      return { status: response.status, answer: new Answer(response.data, route) };
    } catch (error) {
      const failure = asFailure(error);
      if (failure === undefined) throw error instanceof ForgeError ? error : this.unreadable(error);
      if (failure.status !== undefined && expected.includes(failure.status) && !isLimit(failure))
        return { status: failure.status, answer: new Answer(undefined, route) };
      throw this.trouble(failure);
    } finally {
      if (changes) this.lastChangeAt = now();
    }
  }

  private trouble(failure: Failure): ForgeError {
    const now = this.surroundings.now();
    const trouble = troubleOf(failure, this.failures, now, this.surroundings.random());
    // What is wrong with one request alone says nothing about the next one.
    const own = failure.status !== undefined && [404, 409, 422].includes(failure.status);
    if (own) return trouble;
    this.failures += 1;
    this.silentUntil = now + trouble.waitMs;
    this.lastTrouble = trouble;
    return trouble;
  }

  private unreadable(error: unknown): ForgeError {
    const message = error instanceof Error ? error.message : String(error);
    return new ForgeError('ForgeNonsense', `The answer cannot be read: ${message.slice(0, 300)}.`, 0, {
      cause: error,
    });
  }
}

/** A 403 may be a missing right, which some callers expect, or a limit, which nobody does. */
function isLimit({ status, headers, message }: Failure): boolean {
  if (status !== 403) return false;
  return (
    headers['retry-after'] !== undefined ||
    headers['x-ratelimit-remaining'] === '0' ||
    /rate limit|abuse/i.test(message)
  );
}

function asFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  const response = 'response' in error ? (error.response as Pick<Failure, 'headers'> | undefined) : undefined;
  if (response === undefined) return { status: undefined, headers: {}, message: error.message };
  return { status: error.status, headers: response.headers, message: error.message };
}
