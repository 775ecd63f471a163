import { defineKind, type Resource } from '../schema/kind.js';
import { clusterSpec, type AegisClusterSpec } from './spec.js';
import { clusterStatus, type AegisClusterStatus } from './status.js';

/** Names of pods, services and volumes are this name and a suffix, and none may have more than 63 characters. */
export const CLUSTER_NAME_MAX = 40;

export const aegisCluster = defineKind({
  kind: 'AegisCluster',
  plural: 'aegisclusters',
  singular: 'aegiscluster',
  shortNames: ['aegis-cluster', 'acl'],
  description:
    'A coordination service: an odd number of replicas with a volume each, which agree on every write.',
  spec: clusterSpec,
  status: clusterStatus,
  rules: [
    {
      rule: `size(self.metadata.name) <= ${CLUSTER_NAME_MAX} && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')`,
      message: `the name must have at most ${CLUSTER_NAME_MAX} characters of a-z, 0-9 and "-", begin with a letter and end with no "-": services are named after it`,
      reason: 'FieldValueInvalid',
    },
  ],
  columns: [
    {
      name: 'Replicas',
      type: 'integer',
      jsonPath: '.spec.replicas',
      description: 'How many members are wanted.',
    },
    {
      name: 'Ready',
      type: 'integer',
      jsonPath: '.status.readyReplicas',
      description: 'How many members are ready.',
    },
    condition('Available', 'Whether clients are served.'),
    { name: 'Leader', type: 'string', jsonPath: '.status.leader', description: 'The pod of the leader.' },
    condition('ConfigInSync', 'Whether the members run the wanted settings.', 'In sync'),
    { ...condition('Degraded', 'Whether something is not as wanted.'), priority: 1 },
    { ...condition('Progressing', 'Whether something is being changed.'), priority: 1 },
    { name: 'Profile', type: 'string', jsonPath: '.spec.profile', description: 'Its services.', priority: 1 },
    {
      name: 'Version',
      type: 'string',
      jsonPath: '.status.version',
      description: 'The lowest version.',
      priority: 1,
    },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Since when it is there.',
    },
  ],
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  },
});

export type AegisCluster = Resource<AegisClusterSpec, AegisClusterStatus>;

function condition(type: string, description: string, name = type) {
  return {
    name,
    type: 'string' as const,
    jsonPath: `.status.conditions[?(@.type=="${type}")].status`,
    description,
  };
}
