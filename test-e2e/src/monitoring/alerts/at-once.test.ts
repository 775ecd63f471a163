import { expect, test } from '@jest/globals';
import { libraryNames, loadTrace, readTrace } from '@aegis/client/chaos';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { atOnce, lasting, withoutSettings } from './at-once.js';

const LIBRARY = join(import.meta.dirname, '../../../../client/chaos');
const textOf = (name: string): string => readFileSync(join(LIBRARY, `${name}.yaml`), 'utf8');

test.each(libraryNames())('%s: what happens stays, and begins after two seconds', (name) => {
  const [whole, early] = [loadTrace(name), readTrace(atOnce(textOf(name)), name)];
  const late = [...whole.faults, ...whole.load].filter(({ atMs }) => atMs > 0).map(({ atMs }) => atMs);
  const cutMs = late.length === 0 ? 0 : Math.max(0, Math.min(...late) - 2_000);
  const moved = <T extends { atMs: number }>(entries: readonly T[]): T[] =>
    entries.map((entry) => ({ ...entry, atMs: Math.max(0, entry.atMs - cutMs) }));
  expect(early).toEqual({
    ...whole,
    durationMs: whole.durationMs - cutMs,
    faults: moved(whole.faults),
    load: moved(whole.load),
  });
});

test('settings are taken out for the cluster that is started with them', () => {
  const { trace, settings } = withoutSettings(textOf('snapshot-loop'));
  const whole = loadTrace('snapshot-loop');
  expect(settings).toEqual(whole.settings);
  expect(readTrace(trace, 'snapshot-loop')).toEqual({ ...whole, settings: {} });
});

test('a trace lasts as long as is asked for', () => {
  expect(readTrace(lasting(textOf('quiet'), 90), 'quiet').durationMs).toBe(90_000);
});

test('a time that is none is refused', () => {
  const odd = textOf('leader-cut-off').replace('at: 20s', 'at: soon');
  expect(() => atOnce(odd)).toThrow('not a time of a trace: soon');
});
