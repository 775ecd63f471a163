import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const BOUND_MS = 20;
const MEASURE = fileURLToPath(new URL('../harness/measure-diagnosis.js', import.meta.url));

test('a window of fifteen minutes of five replicas is classified and diagnosed in under 20 ms', () => {
  const measured = JSON.parse(execFileSync(process.execPath, [MEASURE], { encoding: 'utf8' })) as {
    readonly spanMs: number;
    readonly medianMs: number;
    readonly leastMs: number;
    readonly mostMs: number;
  };
  const { spanMs, medianMs, leastMs, mostMs } = measured;
  process.stderr.write(`median ${medianMs.toFixed(1)} ms, ${leastMs.toFixed(1)} to ${mostMs.toFixed(1)}\n`);
  expect(measured).toMatchObject({ replicas: 5, fault: 'disk-slow', at: { replica: 'aegis-5' } });
  expect(spanMs).toBeGreaterThan(14.5 * 60_000);
  expect(medianMs).toBeLessThan(BOUND_MS);
});
