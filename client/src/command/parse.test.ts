import { expect, test } from '@jest/globals';
import { UsageError } from './exit.js';
import { parseDuration, parseEndpoints, parseLease, parseWhole } from './parse.js';

test.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['1.5m', 90_000],
  ['24h', 86_400_000],
  [' 2s ', 2_000],
])('%s are %i milliseconds', (text, ms) => {
  expect(parseDuration('--ttl', text)).toBe(ms);
});

test.each(['0s', '0', '-1s', '25h', '999999h', '0.1ms'])(
  '%s is out of bounds, and the flag is named',
  (text) => {
    expect(() => parseDuration('--ttl', text)).toThrow(/^--ttl: .* out of bounds; allowed are 1ms to 24h$/);
  },
);

test.each(['', '10', 's', '10 s', '1e3s', '10sec', 'Infinitys', '0x10s'])('%j is no duration', (text) => {
  expect(() => parseDuration('--ttl', text)).toThrow(/^--ttl: .* is not a duration; write for example/);
});

test('zero is allowed where it means something', () => {
  expect(parseDuration('--wait', '0', 0)).toBe(0);
  expect(parseDuration('--wait', '0s', 0)).toBe(0);
});

test.each(['0', '-3', '1.5', 'five', '', '1000001'])('%j is not a number of permits', (text) => {
  expect(() => parseWhole('--permits', text, 1, 1_000_000)).toThrow(UsageError);
});

test('lease ids are unsigned 64-bit numbers, decimal or hexadecimal', () => {
  expect(parseLease('18446744073709551615')).toBe('18446744073709551615');
  expect(parseLease('0xff')).toBe('255');
  for (const text of ['0', '-1', '18446744073709551616', 'abc', '']) {
    expect(() => parseLease(text)).toThrow(/^LEASE: /);
  }
});

test('endpoints are host:port, separated by commas', () => {
  expect(parseEndpoints('--endpoints', 'a:1, [::1]:4410')).toEqual(['a:1', '[::1]:4410']);
  for (const text of ['', 'a', 'a:', 'a:0', 'a:65536', 'http://a:1', 'a:1,b']) {
    expect(() => parseEndpoints('--endpoints', text)).toThrow(/^--endpoints: /);
  }
});
