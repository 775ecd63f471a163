import { group, list } from '../schema/composites.js';
import { labels } from '../schema/labels.js';
import { flag, text } from '../schema/scalars.js';
import { optional } from '../schema/schema.js';

const clients = group('Pods that may call: both selectors hold.', {
  namespaceLabels: optional(labels('Labels of their namespace. Missing: the namespace of the cluster.')),
  podLabels: optional(labels('Labels of the pods. Missing: all pods.')),
});

export const network = group(
  'Who reaches the cluster.',
  {
    policy: flag(
      'Whether a NetworkPolicy is made. It binds only where the network of the Kubernetes cluster enforces policies.',
      { default: true },
    ),
    clients: list(
      'Who may call the client port, besides the operator. Nobody is let in without a certificate either way.',
      clients,
      { max: 16, default: [{}] },
    ),
  },
  { default: {} },
);

export const monitoring = group(
  'What watches the cluster.',
  {
    serviceMonitor: group(
      'A ServiceMonitor for the Prometheus operator; made when its definition is installed.',
      {
        enabled: flag('Whether it is made.', { default: false }),
        labels: optional(labels('More labels on it, by which a Prometheus chooses it.')),
        interval: text('How often metrics are read, as 30s.', {
          max: 8,
          pattern: '^[1-9][0-9]*(s|m)$',
          default: '30s',
        }),
      },
      { default: {} },
    ),
  },
  { default: {} },
);
