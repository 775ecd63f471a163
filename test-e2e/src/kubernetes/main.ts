import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { GoError } from '../go/program.js';
import { CASES } from './cases/index.js';
import { RefusedError } from './kubernetes.js';
import { openCluster } from './open-cluster.js';
import { Progress } from './progress.js';
import { runCases } from './run-cases.js';

const { values } = parseArgs({
  options: {
    report: { type: 'string' },
    /** Parts of the names of the cases to run, with commas between. */
    case: { type: 'string' },
    /** Starts a cluster and leaves it until Ctrl-C instead of running cases. */
    up: { type: 'boolean', default: false },
  },
});

const progress = new Progress();
const wanted = CASES.filter(({ name }) => (values.case ?? '').split(',').some((part) => name.includes(part)));

/** Resolves at the first signal that asks for an end. */
const asked = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
});

try {
  if (wanted.length === 0) throw new Error(`no case has '${values.case}' in its name`);
  const { about, close } = await openCluster(progress);
  try {
    if (values.up) {
      console.log(
        `\n  export KUBECONFIG=${about.kubectl.kubeconfig} AEGIS_IMAGE=${about.image}\n  ${about.kubectl.program}\n\nCtrl-C ends it.`,
      );
      await asked;
    } else {
      const tally = await Promise.race([runCases(wanted, about, progress), asked]);
      if (tally === undefined) throw new Error('ended before its cases');
      if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(tally));
      console.log(`${tally.passed} passed, ${tally.failed} failed`);
      process.exitCode = tally.failed === 0 ? 0 : 1;
    }
  } finally {
    await close();
    if (about.own !== undefined) progress.say('everything is taken down');
  }
} catch (error) {
  console.error(error instanceof GoError || error instanceof RefusedError ? error.message : error);
  process.exitCode = 2;
}
// A case that was cut short may still wait for something.
process.exit();
