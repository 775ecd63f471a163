import { expect, test } from '@jest/globals';
import { namesIn } from './names.js';

test('series, the labels that are matched and grouped by, and what is rated are found', () => {
  const expr =
    'histogram_quantile(0.5, sum by (instance, to, le) (rate(a_bucket{le=~"1|x",cluster=~"$c"}[$__rate_interval]))) > ' +
    'on (namespace) group_left () max(b) / 10 and count(up{job="aegis"}) > 2 - 5e3';
  expect(namesIn(expr)).toEqual({
    selectors: [
      { series: 'a_bucket', labels: ['le', 'cluster'], rated: true },
      { series: 'b', labels: [], rated: false },
      { series: 'up', labels: ['job'], rated: false },
    ],
    grouped: ['instance', 'to', 'le', 'namespace'],
  });
});

test('ranges, numbers and words of the language are no series', () => {
  expect(
    namesIn('increase(x[5m]) unless x offset 5m or bool_thing').selectors.map(({ series }) => series),
  ).toEqual(['x', 'x', 'bool_thing']);
});
