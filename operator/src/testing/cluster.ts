import { aegisCluster, API_VERSION, type AegisCluster, type Json, type OpenApi } from '@aegis/crds';

/** A cluster as the API server would hand it out: what is not said has its default. */
export function sampleCluster(spec: Readonly<Record<string, Json>> = {}, name = 'sample'): AegisCluster {
  return {
    apiVersion: API_VERSION,
    kind: 'AegisCluster',
    metadata: { name, namespace: 'house', uid: '6f0c2b1e-0000-4000-8000-000000000001', generation: 1 },
    spec: withDefaults(aegisCluster.spec.openApi, spec) as unknown as AegisCluster['spec'],
  };
}

function withDefaults(schema: OpenApi, value: Json): Json {
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    return items.map((item) => (schema.items === undefined ? item : withDefaults(schema.items, item)));
  }
  if (schema.properties === undefined || typeof value !== 'object' || value === null) return value;
  const filled: Record<string, Json> = { ...(value as Record<string, Json>) };
  for (const [name, field] of Object.entries(schema.properties)) {
    const given = filled[name] ?? field.default;
    if (given !== undefined) filled[name] = withDefaults(field, given);
  }
  return filled;
}
