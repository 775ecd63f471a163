import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { globSync } from 'node:fs';
import { buildProgram, GoError } from '../go/program.js';
import { CASES, type Case } from './cases.js';
import { startJudge, type DefinitionReport, type Judge } from './judge.js';

const ROOT = join(import.meta.dirname, '../../..');
const { values } = parseArgs({ options: { report: { type: 'string' } } });

/** A definition that the API server takes, with room to spare. */
function judgeDefinition({ name, errors, rules, ruleLimit, totalLimit }: DefinitionReport): boolean {
  const costs = rules.map(({ cost, message }) => cost + message);
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  console.log(
    `${name}: ${rules.length} rules, estimated cost ${total} of ${totalLimit}, the dearest ${Math.max(0, ...costs)} of ${ruleLimit}`,
  );
  for (const error of errors) console.log(`  refused: ${error}`);
  return errors.length === 0 && total < totalLimit / 100;
}

async function judgeCase(judge: Judge, { name, object, old, refused }: Case): Promise<boolean> {
  // What is changed was stored before, with its defaults.
  const before = old === undefined ? undefined : (await judge(old)).stored;
  const { errors } = await judge(object, before);
  const said = errors.join('; ');
  const good = refused === undefined ? errors.length === 0 : refused.test(said);
  console.log(`${good ? 'ok  ' : 'FAIL'} ${name}: ${said === '' ? 'accepted' : said}`);
  return good;
}

try {
  const program = buildProgram(join(ROOT, 'test-e2e', 'crds'));
  const files = globSync(join(ROOT, 'crds', 'yaml', '*.yaml')).toSorted();
  const { reports, judge, end } = await startJudge(program, files);
  const results = reports.map(judgeDefinition);
  for (const each of CASES) results.push(await judgeCase(judge, each));
  end();
  const passed = results.filter((good) => good).length;
  const failed = results.length - passed;
  if (values.report !== undefined) writeFileSync(values.report, JSON.stringify({ passed, failed }));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof GoError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
