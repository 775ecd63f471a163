import { parse } from 'yaml';
import { valueRows } from './values-table.js';

interface Chart {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly kubeVersion: string;
}

/** The README of a chart: how it is installed, and its values. */
export function renderReadme(chartYaml: string, valuesYaml: string, more: string): string {
  const { name, description, version, kubeVersion } = parse(chartYaml) as Chart;
  const rows = valueRows(valuesYaml).map(
    ({ path, default: value, description: text }) =>
      `| \`${path}\` | \`${escaped(value)}\` | ${escaped(text)} |`,
  );
  return `<!-- Written by \`npm run charts\` from Chart.yaml and values.yaml. Edit those, not this. -->

# ${name}

${description}. Version ${version}, for Kubernetes ${kubeVersion.replace(/-0$/, '')}, with Helm 3 or 4.

${more.trimEnd()}

## Values

| value | default | what it is |
| --- | --- | --- |
${rows.join('\n')}
`;
}

function escaped(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}
