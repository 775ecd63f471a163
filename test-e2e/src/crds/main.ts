import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { askAll } from '../envelope/agreement.js';
import { drawSettings } from '../envelope/drawn.js';
import { localLayers, type Layer } from '../envelope/layers.js';
import { UNSAFE } from '../envelope/unsafe.js';
import { buildProgram, GoError } from '../go/program.js';
import { CASES, type Case } from './cases.js';
import { cluster } from './objects.js';
import { startJudge, type DefinitionReport, type Judge } from './judge.js';

const ROOT = join(import.meta.dirname, '../../..');
/** Settings that all layers are asked about; the same in every run. */
const DRAWN = 10_000;
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

/** What the API server says to a cluster with these settings. */
function apiServer(judge: Judge): Layer {
  return async ({ profile, replicas, consensus }) => {
    const { errors } = await judge(cluster({ profile, replicas, consensus }));
    return errors.length === 0 ? undefined : errors.join('; ');
  };
}

/** Settings that are unsafe by themselves: the API server alone refuses each, by the right rule. */
async function judgeUnsafe(layer: Layer): Promise<boolean[]> {
  const results: boolean[] = [];
  for (const [rule, asked] of UNSAFE) {
    const said = (await layer(asked)) ?? 'accepted';
    results.push(said.includes(rule));
    if (!said.includes(rule)) console.log(`FAIL unsafe, ${rule}: ${JSON.stringify(asked)}: ${said}`);
  }
  console.log(
    `${results.filter((good) => good).length} of ${UNSAFE.length} unsafe settings refused by the API server alone`,
  );
  return results;
}

/** All layers of the safety envelope about the same settings. */
async function judgeAgreement(layer: Layer): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'aegis-envelope-'));
  try {
    const layers = { ...localLayers(join(folder, 'settings.yaml')), 'API server': layer };
    const { judged, refused, disagreements } = await askAll(drawSettings(DRAWN), layers);
    console.log(
      `${judged} settings, ${refused} refused, ${disagreements.length} disagreements of ${Object.keys(layers).join(', ')}`,
    );
    for (const each of disagreements.slice(0, 10)) console.log(`  ${JSON.stringify(each)}`);
    return (
      judged >= DRAWN && refused > judged / 5 && refused < (judged * 4) / 5 && disagreements.length === 0
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

try {
  const program = buildProgram(join(ROOT, 'test-e2e', 'crds'));
  const files = globSync(join(ROOT, 'crds', 'yaml', '*.yaml')).toSorted();
  const { reports, judge, end } = await startJudge(program, files);
  const results = reports.map(judgeDefinition);
  for (const each of CASES) results.push(await judgeCase(judge, each));
  results.push(...(await judgeUnsafe(apiServer(judge))), await judgeAgreement(apiServer(judge)));
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
