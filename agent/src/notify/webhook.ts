import { bodyOf, type Format } from './bodies.js';
import type { Notice } from './notice.js';

export interface Webhook {
  /** For log lines; the address may be a secret. */
  readonly name: string;
  readonly format: Format;
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  readonly timeoutMs: number;
}

export interface Surroundings {
  readonly fetch: typeof fetch;
  readonly sleep: (ms: number) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
}

export const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 60_000;

/** Undefined: it arrived. Otherwise why it did not, without the address. Tried again only for what passes, and only so often. */
export async function post(
  notice: Notice,
  hook: Webhook,
  around: Surroundings,
  ended: AbortSignal,
): Promise<string | undefined> {
  const body = bodyOf(notice, hook.format);
  for (let attempt = 1; ; attempt++) {
    const failure = await once(body, hook, around, ended);
    if (failure === undefined) return undefined;
    if (ended.aborted) return 'the agent ended';
    if (!failure.passes || attempt === ATTEMPTS) return `${failure.what} (attempt ${attempt} of ${ATTEMPTS})`;
    const pause = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + around.random());
    await around.sleep(Math.min(PAUSE_MS_MAX, Math.max(pause, failure.waitMs)));
  }
}

interface Failure {
  readonly what: string;
  /** It may be otherwise next time. */
  readonly passes: boolean;
  /** The other side asked for. */
  readonly waitMs: number;
}

async function once(
  body: string,
  { url, token, timeoutMs }: Webhook,
  around: Surroundings,
  ended: AbortSignal,
): Promise<Failure | undefined> {
  try {
    const response = await around.fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'aegis-agent',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body,
      redirect: 'error',
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ended]),
    });
    // Nobody needs what it says.
    await response.body?.cancel();
    if (response.ok) return undefined;
    const { status } = response;
    const passes = status === 408 || status === 429 || status >= 500;
    const seconds = Number(response.headers.get('retry-after') ?? '0');
    const waitMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
    return { what: `it answers ${status}`, passes, waitMs };
  } catch (error) {
    // The message of fetch may hold the address.
    const { name } = error as { name: string };
    const what = name === 'TimeoutError' ? `no answer within ${timeoutMs} ms` : 'it cannot be reached';
    return { what, passes: true, waitMs: 0 };
  }
}
