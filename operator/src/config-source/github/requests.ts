import { Octokit } from '@octokit/rest';
import { BoundedMap } from '../bounded-map.js';
import { ForgeError } from '../forge.js';
import { Answer } from './answers.js';
import { troubleOf, type Failure } from './back-off.js';
import { limitedFetch } from './limited-fetch.js';

export interface Surroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

export type Parameters = Readonly<Record<string, string | number>>;

const ANSWER_TIMEOUT_MS = 15_000;
/** Answers that are kept to be asked for on condition. */
const KEPT_ANSWERS_MAX = 2000;
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * Requests to one GitHub with one token: on condition where the answer is known (a 304 costs nothing of the hour), one
 * at a time, and none while GitHub wants to be left alone.
 */
export class Requests {
  private readonly octokit: Octokit;
  private readonly kept = new BoundedMap<string, { readonly etag: string; readonly value: unknown }>(
    KEPT_ANSWERS_MAX,
  );
  private silentUntil = 0;
  private lastTrouble: ForgeError | undefined;
  private failures = 0;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    apiUrl: string,
    token: string | undefined,
    private readonly surroundings: Surroundings,
  ) {
    this.octokit = new Octokit({
      baseUrl: apiUrl.replace(/\/+$/, ''),
      userAgent: 'aegis-operator',
      log: SILENT,
      request: { fetch: limitedFetch },
      ...(token !== undefined && { auth: token }),
    });
  }

  /**
   * One answer, read. A 404 is undefined. Throws ForgeError.
   *
   * @param route as `GET /repos/{owner}/{repo}`
   */
  get<T>(route: string, parameters: Parameters, read: (answer: Answer) => T): Promise<T | undefined> {
    const answer = this.queue.then(() => this.ask(route, parameters, read));
    this.queue = answer.catch(() => {});
    return answer;
  }

  private async ask<T>(
    route: string,
    parameters: Parameters,
    read: (answer: Answer) => T,
  ): Promise<T | undefined> {
    this.refuseWhileSilent();
    // What is kept was read in one way: the same address may be read in another one under another route.
    const key = `${route} ${this.octokit.request.endpoint(route, parameters).url}`;
    const kept = this.kept.get(key);
    try {
      const response = await this.octokit.request(route, {
        ...parameters,
        headers: kept === undefined ? {} : { 'if-none-match': kept.etag },
        // Elsewhere than where it was asked for, an answer is not believed: `redirect` shows it as what it is.
        request: { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) },
      });
      if (response.status !== 200)
        throw this.trouble(failureOf(response.status, response.headers, 'not an answer'));
      const value = read(new Answer(response.data, route.replace(/^GET /, '')));
      const { etag } = response.headers;
      if (etag !== undefined) this.kept.set(key, { etag, value });
      this.failures = 0;
      return value;
    } catch (error) {
      const failure = asFailure(error);
      if (failure?.status === 304 && kept !== undefined) {
        this.failures = 0;
        return kept.value as T;
      }
      // What is not there says nothing about GitHub's health.
      if (failure?.status === 404 || failure?.status === 409) return undefined;
      throw failure === undefined ? this.nonsense(error) : this.trouble(failure);
    }
  }

  private refuseWhileSilent(): void {
    const waitMs = this.silentUntil - this.surroundings.now();
    if (waitMs <= 0 || this.lastTrouble === undefined) return;
    throw new ForgeError(this.lastTrouble.reason, this.lastTrouble.message, waitMs);
  }

  private trouble(failure: Failure): ForgeError {
    const now = this.surroundings.now();
    const trouble = troubleOf(failure, this.failures, now, this.surroundings.random());
    this.failures += 1;
    this.silentUntil = now + trouble.waitMs;
    this.lastTrouble = trouble;
    return trouble;
  }

  private nonsense(error: unknown): ForgeError {
    if (error instanceof ForgeError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new ForgeError('ForgeNonsense', `The answer cannot be read: ${message.slice(0, 300)}.`, 0, {
      cause: error,
    });
  }
}

/** What octokit throws: RequestError, with no response if none came. */
function asFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  const response =
    'response' in error ? (error.response as { headers: Failure['headers'] } | undefined) : undefined;
  if (response === undefined) return failureOf(undefined, {}, error.message);
  return failureOf(error.status, response.headers, error.message);
}

function failureOf(status: number | undefined, headers: Failure['headers'], message: string): Failure {
  return { status, headers, message };
}
