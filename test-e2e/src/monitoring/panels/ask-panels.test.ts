import { expect, test } from '@jest/globals';
import { DASHBOARDS } from '@aegis/monitoring';

import { askPanels, asSent, isRight } from './ask-panels.js';

const QUERIES = DASHBOARDS.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries));

test('no variable of Grafana is left in what is sent', () => {
  expect(QUERIES.map(({ expr }) => asSent(expr)).filter((expr) => expr.includes('$'))).toEqual([]);
});

test('every query of every panel is asked, and only series with a number count', async () => {
  const asked: string[] = [];
  const queryRange = async (expr: string) => {
    asked.push(expr);
    return [
      { labels: { a: '1' }, values: [0] },
      { labels: { a: '2' }, values: [] },
    ];
  };
  const found = await askPanels({ queryRange }, 0, 10);
  expect(asked).toEqual(QUERIES.map(({ expr }) => asSent(expr)));
  expect(new Set(found.map(({ series }) => series))).toEqual(new Set([1]));
});

test('a query that gives nothing is wrong, unless its panel says why; one that is refused always is', async () => {
  const empty = await askPanels({ queryRange: async () => [] }, 0, 10);
  const right = empty.filter(isRight);
  expect(right.length).toBeLessThan(10);
  expect(right.every(({ mayBeEmpty }) => mayBeEmpty !== undefined)).toBe(true);
  const refused = await askPanels({ queryRange: () => Promise.reject(new Error('parse error')) }, 0, 10);
  expect(refused.some(isRight)).toBe(false);
});
