import { aegisCluster, aegisLease, type OpenApi } from '@aegis/crds';

/** A JSON schema (draft 7) of the values of the chart aegis-cluster: its `spec` is that of an AegisCluster. */
export function clusterValuesSchema(): unknown {
  const labels = { type: 'object', additionalProperties: { type: 'string' } };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    properties: {
      global: { type: 'object' },
      name: { type: 'string', maxLength: 40, pattern: '^([a-z]([-a-z0-9]*[a-z0-9])?)?$' },
      labels,
      annotations: labels,
      spec: jsonSchemaOf(aegisCluster.spec.openApi),
      leases: {
        type: 'object',
        additionalProperties: withoutField(jsonSchemaOf(aegisLease.spec.openApi), 'clusterRef'),
      },
      test: {
        type: 'object',
        additionalProperties: false,
        properties: { image: { type: 'string', maxLength: 512 } },
      },
    },
  };
}

/** As JSON schema has it: no Kubernetes extensions, no defaults (the API server fills them in), no unknown fields. */
function jsonSchemaOf(schema: OpenApi): Record<string, unknown> {
  const entries = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (key.startsWith('x-kubernetes-') || key === 'default' || key === 'format') return [];
    if (key === 'items' || (key === 'additionalProperties' && typeof value === 'object'))
      return [[key, jsonSchemaOf(value as OpenApi)]];
    if (key === 'properties') {
      const fields = Object.entries(value as Record<string, OpenApi>);
      return [[key, Object.fromEntries(fields.map(([field, of]) => [field, jsonSchemaOf(of)]))]];
    }
    return [[key, value]];
  });
  const closed = schema.properties === undefined ? {} : { additionalProperties: false };
  return { ...Object.fromEntries(entries), ...closed };
}

function withoutField(schema: Record<string, unknown>, field: string): Record<string, unknown> {
  const { [field]: _, ...properties } = schema['properties'] as Record<string, unknown>;
  const required = (schema['required'] as string[] | undefined)?.filter((name) => name !== field);
  return { ...schema, properties, ...(required === undefined ? {} : { required }) };
}
