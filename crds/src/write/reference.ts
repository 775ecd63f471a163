import { KINDS } from '../definition.js';
import { API_VERSION, CATEGORY, type Kind } from '../schema/kind.js';
import type { CelRule, Json, OpenApi } from '../schema/open-api.js';

/** The reference page of all kinds, as Markdown. */
export function renderReference(): string {
  return [
    '# The resources of AEGIS',
    'Written by `npm run crds` from `crds/src`; edit that, not this. The definitions are in `crds/yaml`.',
    `Group and version: \`${API_VERSION}\`. All are namespaced, and \`kubectl get ${CATEGORY}\` lists those of all kinds. ` +
      'Whatever is outside of these bounds, or breaks one of the rules, is refused by the API server with the message shown here.',
    KINDS.map(({ kind }) => `- [${kind}](#${kind.toLowerCase()})`).join('\n'),
    ...KINDS.map(renderKind),
  ]
    .join('\n\n')
    .concat('\n');
}

function renderKind(kind: Kind): string {
  const { shortNames, plural, spec, status, rules, columns } = kind;
  return [
    `## ${kind.kind}`,
    kind.description,
    `\`kubectl get ${plural}\`, or ${shortNames.map((name) => `\`${name}\``).join(', ')}. Columns: ${columns
      .map(({ name, priority }) => (priority === 1 ? `${name} (wide)` : name))
      .join(', ')}.`,
    ...fieldTable('spec', spec.openApi),
    ...fieldTable('status', status.openApi),
    ...ruleTable([
      ...(rules ?? []).map((rule) => ({ at: 'metadata', rule })),
      ...rulesOf('spec', spec.openApi),
      ...rulesOf('status', status.openApi),
    ]),
  ].join('\n\n');
}

function fieldTable(path: string, schema: OpenApi): string[] {
  const rows = fieldsOf(path, schema).map(
    ({ at, field, required }) =>
      `| \`${at}\` | ${typeOf(field)}${required ? ', required' : ''} | ${defaultOf(field)} | ${cell(field.description)} |`,
  );
  return [
    `### ${path}`,
    cell(schema.description),
    ['| field | type and bounds | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n'),
  ];
}

interface Row {
  readonly at: string;
  readonly field: OpenApi;
  readonly required: boolean;
}

function fieldsOf(path: string, schema: OpenApi): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const at = `${path}.${name}`;
    const row = { at, field, required: schema.required?.includes(name) === true };
    const inner = field.items ?? field.additionalProperties ?? field;
    const suffix = field.items === undefined ? (field.additionalProperties === undefined ? '' : '{}') : '[]';
    return [row, ...fieldsOf(`${at}${suffix}`, inner)];
  });
}

function typeOf(field: OpenApi): string {
  if (field.enum !== undefined) return field.enum.map((value) => `\`${value}\``).join(', ');
  switch (field.type) {
    case 'integer':
      return `whole number, ${field.minimum} to ${field.maximum}`;
    case 'string':
      if (field.format === 'date-time') return 'time';
      return `text, ${field.minLength === undefined ? 'at most' : `${field.minLength} to`} ${field.maxLength} characters`;
    case 'array':
      return `list, at most ${field.maxItems}${field.items?.type === 'object' ? '' : `; ${typeOf(field.items!)}`}`;
    case 'boolean':
      return 'true or false';
    case 'object':
      return field.additionalProperties === undefined ? 'group' : `map, at most ${field.maxProperties}`;
  }
}

function defaultOf({ default: value }: OpenApi): string {
  return value === undefined ? '' : `\`${plain(value)}\``;
}

function plain(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function ruleTable(rules: readonly { readonly at: string; readonly rule: CelRule }[]): string[] {
  if (rules.length === 0) return [];
  const rows = rules.map(({ at, rule }) => `| \`${at}\` | ${cell(rule.message)} |`);
  return ['### rules', ['| on | message |', '| --- | --- |', ...rows].join('\n')];
}

function rulesOf(path: string, schema: OpenApi): { at: string; rule: CelRule }[] {
  const own = (schema['x-kubernetes-validations'] ?? []).map((rule) => ({ at: path, rule }));
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    rulesOf(`${path}.${name}`, field),
  );
  const items = schema.items === undefined ? [] : rulesOf(`${path}[]`, schema.items);
  return [...own, ...inner, ...items];
}

function cell(text = ''): string {
  return text.replaceAll('|', '\\|');
}
