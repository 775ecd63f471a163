// Adds up what the test runners reported: `node .ci/count.mjs STATUS FILE…`. A report is jest's own, or `{passed, failed}`
// of a runner of ours. Exits non-zero if anything failed, a report is missing, or the run itself did.
import { existsSync, readFileSync } from 'node:fs';

const [status, ...files] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let missing = 0;
const failures = [];
for (const file of files) {
  if (!existsSync(file)) {
    console.log(`${file}: no report, so its tests did not run`);
    missing++;
    continue;
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  passed += report.passed ?? report.numPassedTests;
  failed += report.failed ?? report.numFailedTests + report.numRuntimeErrorTestSuites;
  failures.push(...(report.failures ?? failuresOf(report)).map((each) => `${file}: ${each}`));
}
if (failures.length > 0) console.log(`\nWhat failed, once more:\n${failures.map(short).join('\n')}\n`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = status === '0' && failed === 0 && missing === 0 && passed > 0 ? 0 : 1;

/** Of jest's report: the tests that failed, and the files that could not be run. */
function failuresOf({ testResults = [] }) {
  return testResults
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const tests = assertionResults.filter(({ status }) => status === 'failed');
      const words = tests.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0] ?? ''}`);
      return (words.length > 0 ? words : [message]).map(
        (text) => `${name.split('/').slice(-2).join('/')}: ${text}`,
      );
    });
}

/** A line's worth of words and a few lines of why: without colours and places in the code. */
function short(text) {
  // eslint-disable-next-line no-control-regex
  const lines = text.replace(/\u001b\[[0-9;]*m/g, '').split('\n');
  return lines
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
    .slice(0, 6)
    .map((line, index) => `${index === 0 ? '- ' : '    '}${line.trim().slice(0, 400)}`)
    .join('\n');
}
