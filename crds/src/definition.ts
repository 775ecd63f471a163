import { aegisCluster } from './cluster/kind.js';
import { incident } from './incident/kind.js';
import { aegisLease } from './lease/kind.js';
import { tuningRecommendation } from './recommendation/kind.js';
import { CATEGORY, GROUP, VERSION, type Kind } from './schema/kind.js';
import type { OpenApi } from './schema/open-api.js';

/** All kinds of the group. */
export const KINDS: readonly Kind[] = [aegisCluster, aegisLease, incident, tuningRecommendation];

/** The OpenAPI schema of a whole object. */
export function objectSchema({ description, spec, status, rules }: Kind): OpenApi {
  return {
    type: 'object',
    description,
    properties: {
      apiVersion: { type: 'string', description: `${GROUP}/${VERSION}.` },
      kind: { type: 'string', description: 'Which kind of object this is.' },
      metadata: { type: 'object' },
      spec: spec.openApi,
      status: status.openApi,
    },
    required: ['spec'],
    ...(rules === undefined ? {} : { 'x-kubernetes-validations': rules }),
  };
}

/** The CustomResourceDefinition of a kind (apiextensions.k8s.io/v1). */
export function definitionOf(kind: Kind) {
  const { plural, singular, shortNames, columns, scale } = kind;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural,
        singular,
        shortNames,
        categories: [CATEGORY],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: objectSchema(kind) },
          subresources: { status: {}, ...(scale === undefined ? {} : { scale }) },
          additionalPrinterColumns: columns,
        },
      ],
    },
  };
}
