import { expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ActiveAlert } from '../prometheus/server.js';
import { type Fault, runEpisode } from './run-episode.js';

const BOUNDS = { silentMs: 100, afterMs: 50, lookEveryMs: 5 };
const alert = (alertname: string, state: ActiveAlert['state'], cluster?: string): ActiveAlert => ({
  state,
  labels: { alertname, ...(cluster === undefined ? {} : { cluster }) },
});

/** A server whose alerts are these before the fault, and those while it lasts and after it. */
function stage(before: readonly ActiveAlert[], then: readonly ActiveAlert[], lastsMs = 20) {
  let begun = false;
  const seen: boolean[] = [];
  const fault: Fault = {
    alerts: ['A', 'B'],
    cluster: 'live',
    act: async (signal) => {
      begun = true;
      await sleep(lastsMs, undefined, { signal }).catch(() => undefined);
      seen.push(signal.aborted);
    },
  };
  return { seen, fault, server: { alerts: async () => (begun ? then : before) } };
}

test('alerts that fire end the fault at once', async () => {
  const { server, fault, seen } = stage([], [alert('A', 'firing'), alert('B', 'firing', 'live')], 60_000);
  const outcomes = await runEpisode(server, fault, BOUNDS);
  expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(['fired', 'fired']);
  expect(seen).toEqual([true]);
});

test.each([
  ['it waits for its time', alert('B', 'pending')],
  ['another cluster has it', alert('B', 'firing', 'other')],
  ['nothing is there', alert('C', 'firing')],
])('an alert did not fire when %s', async (_, instead) => {
  const { server, fault } = stage([], [alert('A', 'firing'), instead]);
  const outcomes = await runEpisode(server, fault, BOUNDS);
  expect(outcomes.get('A')).toMatchObject({ kind: 'fired' });
  expect(outcomes.get('B')).toEqual({ kind: 'not', why: 'it did not fire' });
});

test('an alert that fired before proves nothing: the fault is not even done', async () => {
  const { server, fault, seen } = stage([alert('A', 'pending')], []);
  const outcomes = await runEpisode(server, fault, BOUNDS);
  expect(outcomes.get('B')).toEqual({ kind: 'not', why: 'A did not end before it' });
  expect(seen).toEqual([]);
});

test('a fault that cannot be done is the reason', async () => {
  const { server, fault } = stage([], []);
  const broken = { ...fault, act: async () => Promise.reject(new Error('no such trace')) };
  const outcomes = await runEpisode(server, broken, BOUNDS);
  expect(outcomes.get('A')).toEqual({ kind: 'not', why: 'no such trace' });
});
