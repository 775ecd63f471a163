import { AgentMetrics } from '@aegis/agent/metrics';
import { Metrics as OperatorMetrics } from '@aegis/operator/metrics';
import { Metrics as ReplicaMetrics } from '@aegis/replica/metrics';
import type { Registry } from 'prom-client';

/** What each target is called in Prometheus: the label `job`. */
export type Job = 'aegis' | 'aegis-operator' | 'aegis-agent';

export interface KnownMetric {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  /** Its own, without those that Prometheus adds to every series of a target. */
  readonly labels: readonly string[];
  readonly jobs: readonly Job[];
}

/** Labels that scraping adds: `namespace` in Kubernetes alone. */
export const TARGET_LABELS = ['namespace', 'cluster', 'instance', 'job'] as const;

/** Of prom-client, which declares the labels of a metric and does not export how. */
interface Declared {
  readonly name: string;
  readonly labelNames?: readonly string[];
}

/** Every metric that a program of AEGIS registers, by name, and `up`. */
export function knownMetrics(): ReadonlyMap<string, KnownMetric> {
  const registries: readonly [Job, Registry][] = [
    ['aegis', new ReplicaMetrics().registry],
    ['aegis-operator', new OperatorMetrics(() => 0).registry],
    ['aegis-agent', new AgentMetrics(() => []).registry],
  ];
  const known = new Map<string, KnownMetric>();
  const jobs = registries.map(([job]) => job);
  known.set('up', { type: 'gauge', labels: [], jobs });
  for (const [job, registry] of registries) {
    for (const metric of registry.getMetricsAsArray()) {
      const { name, labelNames = [] } = metric as unknown as Declared;
      const before = known.get(name)?.jobs ?? [];
      const type = String(metric.type) as KnownMetric['type'];
      known.set(name, { type, labels: labelNames, jobs: [...before, job] });
    }
  }
  return known;
}

/** The metric that a series belongs to: of `x_bucket`, `x_sum` and `x_count` that is the histogram x. */
export function metricOf(
  series: string,
  known: ReadonlyMap<string, KnownMetric>,
): (KnownMetric & { readonly series: 'whole' | 'bucket' | 'sum' | 'count' }) | undefined {
  const exact = known.get(series);
  // A histogram itself has no series of its plain name.
  if (exact !== undefined && exact.type !== 'histogram') return { ...exact, series: 'whole' };
  const [, base, part] = /^(.+)_(bucket|sum|count)$/.exec(series) ?? [];
  const histogram = base === undefined ? undefined : known.get(base);
  if (histogram?.type !== 'histogram') return undefined;
  const labels = part === 'bucket' ? [...histogram.labels, 'le'] : histogram.labels;
  return { ...histogram, labels, series: part as 'bucket' | 'sum' | 'count' };
}
