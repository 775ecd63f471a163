import { group, list } from '../schema/composites.js';
import { labels } from '../schema/labels.js';
import { choice, objectName, quantity, text, whole } from '../schema/scalars.js';
import { optional } from '../schema/schema.js';

const toleration = group('A taint that the pods tolerate.', {
  key: optional(text('The key of the taint. Missing: every taint, with the operator Exists.', { max: 316 })),
  operator: choice('How key and value are compared.', ['Equal', 'Exists'], { default: 'Equal' }),
  value: optional(text('The value of the taint, with the operator Equal.', { max: 63 })),
  effect: optional(choice('Which effect. Missing: all.', ['NoSchedule', 'PreferNoSchedule', 'NoExecute'])),
  tolerationSeconds: optional(
    whole('How long a pod stays after a NoExecute taint has appeared, in seconds. Missing: for ever.', {
      min: 0,
      max: 86_400,
    }),
  ),
});

const spread = group('One way in which members are spread.', {
  topologyKey: text('The label of nodes whose values are the places.', { min: 1, max: 316 }),
  whenUnsatisfiable: choice(
    'Whether a pod waits, or comes where it may.',
    ['DoNotSchedule', 'ScheduleAnyway'],
    {
      default: 'ScheduleAnyway',
    },
  ),
});

export const scheduling = group(
  'Where the pods run.',
  {
    nodeSelector: optional(labels('Labels that a node must have.')),
    tolerations: optional(list('Taints that the pods tolerate.', toleration, { max: 16 })),
    priorityClassName: optional(objectName('The priority class of the pods.')),
    spread: list('How members are spread: each entry evenly over its places.', spread, {
      max: 4,
      merge: { by: ['topologyKey'] },
      default: [
        { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
        { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
    }),
  },
  { default: {} },
);

function amounts(description: string, defaults: { readonly cpu?: string; readonly memory: string }) {
  const { cpu, memory } = defaults;
  const cores = quantity('Cores, as 250m or 2.', cpu === undefined ? {} : { default: cpu });
  return group(
    description,
    {
      cpu: cpu === undefined ? optional(cores) : cores,
      memory: quantity('Bytes of memory, as 512Mi or 2Gi.', { default: memory }),
    },
    { default: {} },
  );
}

export const resources = group(
  'What a member is given.',
  {
    requests: amounts('What it is sure to get.', { cpu: '250m', memory: '512Mi' }),
    limits: amounts('What it cannot exceed. Without a CPU limit a member may use what is idle.', {
      memory: '1Gi',
    }),
  },
  { default: {} },
);
