import { expect, test } from '@jest/globals';
import { lasting, measured, percent, seconds } from './page/format.js';
import { scaleOf } from './page/incidents/scale.js';
import { shownName } from './page/names.js';
import { placesOnRing, SIZE } from './page/replicas/places.js';

test('names of clients are shown with what is not seen spelled out, and cut', () => {
  expect(shownName('orders/42')).toBe('orders/42');
  expect(shownName('')).toBe('(empty)');
  expect(shownName('invoice\u202Efdp.exe')).toBe('invoice⟨U+202E⟩fdp.exe');
  expect(shownName('a\u0000b\nc\u2028d\uD800')).toBe('a⟨U+0000⟩b⟨U+000A⟩c⟨U+2028⟩d⟨U+D800⟩');
  expect(shownName('👩‍🚀'.repeat(3))).toBe('👩‍🚀'.repeat(3));
  expect(shownName('x'.repeat(4_096))).toBe(`${'x'.repeat(48)}…`);
  // One letter with thousands of marks on it.
  expect(shownName(`z${'\u0301'.repeat(4_000)}`).length).toBeLessThan(200);
});

test('numbers are told in the unit that suits them, and what is not known as such', () => {
  expect([0.00042, 0.0123, 1.5, null].map(seconds)).toEqual(['420 µs', '12.3 ms', '1.5 s', '–']);
  expect([percent(0.126), percent(null)]).toEqual(['13 %', '–']);
  expect([42_000, 180_000, 9_000_000, 345_600_000].map(lasting)).toEqual(['42 s', '3 min', '2.5 h', '4 d']);
  expect([
    measured(7, 'number'),
    measured(12, 'entries'),
    measured(0.5, 'share'),
    measured(null, 'seconds'),
  ]).toEqual(['7', '12 entries', '50 %', '–']);
});

test('a scale holds all values and has round ticks', () => {
  expect(scaleOf([0, 4.2, 0.3])).toMatchObject({ low: 0, high: 5, ticks: [0, 1, 2, 3, 4, 5] });
  expect(scaleOf([0, 0, 0]).high).toBeGreaterThan(0);
  const { low, high } = scaleOf([-3, 1_700]);
  expect(low <= -3 && high >= 1_700).toBe(true);
});

test.each([1, 3, 5, 7])('%i replicas are apart from each other, and within the picture', (many) => {
  const places = placesOnRing(many);
  expect(places).toHaveLength(many);
  for (const [at, { x, y }] of places.entries()) {
    expect(Math.min(x, y, SIZE - x, SIZE - y)).toBeGreaterThan(36);
    for (const other of places.slice(at + 1))
      expect(Math.hypot(x - other.x, y - other.y)).toBeGreaterThan(2 * 36);
  }
});
