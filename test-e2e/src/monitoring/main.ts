// `make monitoring`: rules by promtool, then every panel and every alert against a real Prometheus and a live cluster.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { Guardian } from '../harness/guardian.js';
import { Progress } from '../kubernetes/progress.js';
import { prometheusPrograms } from './prometheus/programs.js';
import { checkRules } from './rules/check-rules.js';
import { runLive } from './run.js';
import { Tally } from './tally.js';

const MONITORING = join(import.meta.dirname, '../../../monitoring');
/** How far it goes. */
const PARTS = ['rules', 'panels', 'alerts'] as const;

const { values } = parseArgs({
  options: {
    report: { type: 'string' },
    part: { type: 'string', default: 'alerts' },
    fault: { type: 'string', default: '' },
  },
});

async function main(): Promise<number> {
  const part = PARTS.find((each) => each === values.part);
  if (part === undefined) throw new Error(`PART is one of ${PARTS.join(', ')}, not '${values.part}'`);
  const progress = new Progress();
  const tally = new Tally();
  const programs = prometheusPrograms(progress);
  checkRules(MONITORING, programs, tally, (line) => progress.say(line));
  if (part !== 'rules') {
    const guardian = new Guardian();
    const folder = mkdtempSync(join(tmpdir(), 'aegis-monitoring-'));
    guardian.remove(folder);
    const asked = endOnSignal();
    const wanted = { faults: part === 'alerts', fault: values.fault };
    try {
      await Promise.race([runLive(programs, folder, guardian, wanted, tally, progress), asked]);
    } catch (error) {
      tally.check(false, `the run failed: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await guardian.close();
    }
  }
  if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(tally.report()));
  for (const failure of tally.failures) console.log(`FAILED ${failure}`);
  console.log(`${tally.passed} passed, ${tally.failures.length} failed`);
  return tally.failures.length === 0 ? 0 : 1;
}

/** Rejects at the first signal that asks for an end; the guard takes down what runs then. */
function endOnSignal(): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => reject(new Error(`ended by ${signal}`)));
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
// A fault that was cut short may still wait for something.
process.exit();
