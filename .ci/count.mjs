// Adds up what the test runners reported: `node .ci/count.mjs STATUS FILE…`. A report is jest's own, or `{passed, failed}`
// of a runner of ours. Exits non-zero if anything failed, a report is missing, or the run itself did.
import { existsSync, readFileSync } from 'node:fs';

const [status, ...files] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let missing = 0;
for (const file of files) {
  if (!existsSync(file)) {
    console.log(`${file}: no report, so its tests did not run`);
    missing++;
    continue;
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  passed += report.passed ?? report.numPassedTests;
  failed += report.failed ?? report.numFailedTests + report.numRuntimeErrorTestSuites;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(status === '0' && failed === 0 && missing === 0 && passed > 0 ? 0 : 1);
