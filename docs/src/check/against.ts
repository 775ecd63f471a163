import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../read/repository.js';
import { type ManualPage, wrongInAegis } from './aegis.js';
import { kindsOf, wrongInHelm, wrongInKubectl } from './kubernetes.js';
import { readMakefile, wrongInMake } from './make.js';
import { wrongByUsage } from './usage.js';

const PROGRAMS = ['agent', 'operator', 'replica'] as const;
const CHARTS = ['aegis-operator', 'aegis-cluster'] as const;

/** What a documented command is held against, by the first of its words. */
export type Judges = ReadonlyMap<string, (words: readonly string[]) => string | undefined>;

/** The judges of this repository. Programs are asked what they take, so that no second list of it is kept. */
export function judgesOf(root: string = ROOT): Judges {
  const manual = [['aegis'], []].flatMap(
    (command) =>
      JSON.parse(ask(join(root, 'client/bin/aegis.js'), 'help', ...command, '--json')) as
        ManualPage | ManualPage[],
  );
  const makefile = readMakefile(readFileSync(join(root, 'Makefile'), 'utf8'));
  const definitions = readdirSync(join(root, 'crds/yaml')).map((name) =>
    parse(readFileSync(join(root, 'crds/yaml', name), 'utf8')),
  );
  const kinds = kindsOf(definitions);
  const charts = new Map(
    CHARTS.map((name) => [
      name,
      JSON.parse(readFileSync(join(root, 'charts', name, 'values.schema.json'), 'utf8')),
    ]),
  );
  const programs = PROGRAMS.map((name): [string, (words: readonly string[]) => string | undefined] => {
    const usage = ask(join(root, name, 'bin', `aegis-${name}.js`), '--help');
    return [`aegis-${name}`, (words) => wrongByUsage(words, usage)];
  });
  return new Map([
    ['aegis', (words) => wrongInAegis(words, manual)],
    ['make', (words) => wrongInMake(words, makefile)],
    ['kubectl', (words) => wrongInKubectl(words, kinds)],
    ['helm', (words) => wrongInHelm(words, charts)],
    ...programs,
  ]);
}

function ask(program: string, ...args: string[]): string {
  const { stdout, stderr, error } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (error !== undefined) throw error;
  const said = stdout === '' ? stderr : stdout;
  if (said === '') throw new Error(`${program} ${args.join(' ')} says nothing: is it built? (make build)`);
  return said;
}
