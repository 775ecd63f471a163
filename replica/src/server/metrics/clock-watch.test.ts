import { expect, test } from '@jest/globals';

import { Logger } from '../logger.js';
import { ClockWatch } from './clock-watch.js';
import { Metrics } from './metrics.js';

class Told extends Logger {
  readonly lines: unknown[] = [];
  override warn(_message: string, fields?: unknown): void {
    this.lines.push(fields);
  }
}

test("a peer's clock that is further off than allowed is told, at most once a minute, and ends by itself", async () => {
  const metrics = new Metrics();
  const told = new Told('error');
  let now = 0;
  const watch = new ClockWatch(metrics, told, 500, () => now);
  const alerts = async (): Promise<number[]> =>
    (await metrics.clockOffsetAlert.get()).values.map(({ value }) => value);
  watch.observe(2, -400);
  expect(await alerts()).toEqual([0]);
  watch.observe(2, -501);
  watch.observe(2, 900);
  expect(await alerts()).toEqual([1]);
  expect(told.lines).toEqual([{ peer: 2, offsetMs: -501, alertMs: 500 }]);
  now = 60_000;
  watch.observe(2, 900);
  expect(told.lines).toHaveLength(2);
  watch.observe(2, 0);
  expect(await alerts()).toEqual([0]);
});
