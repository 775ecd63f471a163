import { expect, test } from '@jest/globals';
import { ErrorCounts, Latencies } from './latency.js';

test('percentiles are exact, by the nearest rank, whatever the order of the samples', () => {
  const latencies = new Latencies();
  for (let i = 100; i >= 1; i--) latencies.add(i);
  expect(latencies.percentiles()).toEqual({ p50: 50, p90: 90, p99: 99, max: 100 });
  latencies.add(101);
  expect(latencies.percentiles()).toEqual({ p50: 51, p90: 91, p99: 100, max: 101 });
});

test('of a single sample all percentiles are that sample', () => {
  const latencies = new Latencies();
  latencies.add(7);
  expect(latencies.percentiles()).toEqual({ p50: 7, p90: 7, p99: 7, max: 7 });
});

test('of none they are zero', () => {
  expect(new Latencies().percentiles()).toEqual({ p50: 0, p90: 0, p99: 0, max: 0 });
});

test('errors are counted by code', () => {
  const errors = new ErrorCounts();
  errors.add({ code: 'TIMEOUT' });
  errors.add({ code: 'TIMEOUT' });
  errors.add(new Error('other'));
  expect(errors.toJSON()).toEqual({ TIMEOUT: 2, 'Error: other': 1 });
});
