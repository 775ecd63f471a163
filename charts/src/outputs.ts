import { KINDS, renderYaml, yamlName } from '@aegis/crds';
import { dashboardFiles, ruleFiles } from '@aegis/monitoring';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderReadme } from './readme.js';
import { clusterValuesSchema } from './values-schema.js';

const CHARTS = ['aegis-operator', 'aegis-cluster'] as const;

/** Every file of the charts that follows from another source: content by path below the folder of the charts. */
export function outputs(charts: string): ReadonlyMap<string, string> {
  const read = (...path: string[]): string => readFileSync(join(charts, ...path), 'utf8');
  const readmes = CHARTS.map((chart): [string, string] => [
    join(chart, 'README.md'),
    renderReadme(read(chart, 'Chart.yaml'), read(chart, 'values.yaml'), read('src', 'about', `${chart}.md`)),
  ]);
  const definitions = KINDS.map((kind): [string, string] => [
    join('aegis-operator', 'files', 'crds', yamlName(kind)),
    renderYaml(kind),
  ]);
  const shipped = (folder: string, files: ReadonlyMap<string, string>) =>
    [...files].map(([name, content]): [string, string] => [
      join('aegis-operator', 'files', folder, name),
      content,
    ]);
  const monitoring = [...shipped('dashboards', dashboardFiles()), ...shipped('rules', ruleFiles())];
  const schema = `${JSON.stringify(clusterValuesSchema(), undefined, 2)}\n`;
  return new Map([...definitions, ...monitoring, ['aegis-cluster/values.schema.json', schema], ...readmes]);
}
