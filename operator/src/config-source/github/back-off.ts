import { ForgeError } from '../forge.js';

/** What GitHub said, or that nothing came. */
export interface Failure {
  /** Undefined: no answer. */
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly message: string;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Without a word on how long, GitHub asks for at least a minute, growing. */
const SECONDARY = { first: MINUTE, max: 15 * MINUTE };
const FAILING = { first: 5 * SECOND, max: 5 * MINUTE };

/**
 * What a failed request means, and how long nothing is asked after it.
 *
 * @param inARow failures before this one without a success between
 * @param now milliseconds since 1970, as GitHub counts resets
 * @param random from 0 to 1, so that operators do not come back all at once
 */
export function troubleOf(failure: Failure, inARow: number, now: number, random: number): ForgeError {
  const { status, headers, message } = failure;
  const said = `GitHub answered ${status ?? 'nothing'}: ${message.slice(0, 300)}.`;
  if (status === undefined) {
    return new ForgeError(
      'ForgeUnreachable',
      `GitHub cannot be reached: ${message.slice(0, 300)}.`,
      grow(FAILING, inARow, random),
    );
  }
  if (status >= 500) return new ForgeError('ForgeFailing', said, grow(FAILING, inARow, random));
  if (status === 401) return new ForgeError('TokenRefused', said, MINUTE);
  const limit = limitOf(failure, inARow, now, random);
  if (limit !== undefined) return new ForgeError('ForgeLimited', said, limit);
  if (status === 403 || status === 451) return new ForgeError('AccessDenied', said, MINUTE);
  if (status >= 300 && status < 400) {
    const to = typeof headers['location'] === 'string' ? ` to ${headers['location'].slice(0, 300)}` : '';
    return new ForgeError(
      'RepositoryMoved',
      `GitHub sends on${to}: the repository was renamed or moved.`,
      MINUTE,
    );
  }
  return new ForgeError('ForgeNonsense', said, grow(FAILING, inARow, random));
}

/** Milliseconds that GitHub wants to be left alone, if it was a limit that was hit. */
function limitOf(
  { status, headers, message }: Failure,
  inARow: number,
  now: number,
  random: number,
): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const after = numberOf(headers['retry-after']);
  if (after !== undefined) return clamp(after * SECOND);
  const reset = numberOf(headers['x-ratelimit-reset']);
  if (numberOf(headers['x-ratelimit-remaining']) === 0 && reset !== undefined)
    return clamp(reset * SECOND - now);
  const secondary = status === 429 || /rate limit|abuse/i.test(message);
  return secondary ? grow(SECONDARY, inARow, random) : undefined;
}

function numberOf(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const number = Number(value);
  return String(value).trim() !== '' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

/** Never less than a second, whatever the clocks say, and never so long that a wrong header silences it for good. */
function clamp(waitMs: number): number {
  return Math.min(HOUR, Math.max(SECOND, Math.ceil(waitMs)));
}

function grow({ first, max }: { first: number; max: number }, inARow: number, random: number): number {
  return Math.round(Math.min(max, first * 2 ** Math.min(inARow, 16)) * (1 + random / 5));
}
