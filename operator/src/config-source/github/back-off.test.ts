import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { troubleOf } from './back-off.js';

const NOW = 1_750_000_000_000;

function waitOf(
  status: number | undefined,
  headers: Record<string, unknown>,
  message = '',
  inARow = 0,
): [string, number] {
  const { reason, waitMs } = troubleOf({ status, headers, message }, inARow, NOW, 0);
  return [reason, waitMs];
}

describe('how long GitHub is left alone', () => {
  test('as long as it says', () => {
    expect(waitOf(429, { 'retry-after': '30' })).toEqual(['ForgeLimited', 30_000]);
    const reset = String(NOW / 1000 + 120);
    expect(waitOf(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset })).toEqual([
      'ForgeLimited',
      120_000,
    ]);
  });

  test('a minute and more without a word, up to a quarter of an hour', () => {
    const waits = [0, 1, 2, 3, 4, 5].map(
      (n) => waitOf(403, {}, 'You have exceeded a secondary rate limit', n)[1] / 60_000,
    );
    expect(waits).toEqual([1, 2, 4, 8, 15, 15]);
  });

  test('a 403 that is no limit is a missing right', () => {
    expect(waitOf(403, { 'x-ratelimit-remaining': '4999' }, 'Resource not accessible')).toEqual([
      'AccessDenied',
      60_000,
    ]);
  });

  test('whatever the headers and the clock say, between a second and an hour and a fifth', () => {
    const header = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.constant(undefined),
      fc.double().map(String),
    );
    const names = ['retry-after', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'location'];
    const headers = fc.record(Object.fromEntries(names.map((name) => [name, header])));
    const status = fc.option(fc.integer({ min: 300, max: 599 }), { nil: undefined });
    const random = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        status,
        headers,
        fc.string(),
        fc.nat(2000),
        fc.nat(),
        random,
        (status, headers, message, inARow, now, random) => {
          const { waitMs } = troubleOf({ status, headers, message }, inARow, now, random);
          return Number.isSafeInteger(waitMs) && waitMs >= 1000 && waitMs <= 72 * 60_000;
        },
      ),
      { numRuns: 2000 },
    );
  });
});
