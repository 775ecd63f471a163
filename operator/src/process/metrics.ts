import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Span } from '../certificates/index.js';

/** What the operator tells Prometheus, prefix `aegis_operator_`. */
export class Metrics {
  readonly registry = new Registry();
  readonly reconcileSeconds = new Histogram({
    name: 'aegis_operator_reconcile_duration_seconds',
    help: 'How long one look at a cluster took.',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.registry],
  });
  readonly reconcileErrors = new Counter({
    name: 'aegis_operator_reconcile_errors_total',
    help: 'Looks that failed and are repeated.',
    registers: [this.registry],
  });
  readonly apiRequests = new Counter({
    name: 'aegis_operator_api_requests_total',
    help: 'Requests to the Kubernetes API, by verb and status; status 0: no answer.',
    labelNames: ['verb', 'code'] as const,
    registers: [this.registry],
  });
  readonly steps = new Counter({
    name: 'aegis_operator_steps_total',
    help: 'Steps that changed something, by kind.',
    labelNames: ['kind'] as const,
    registers: [this.registry],
  });
  readonly #certificateEnd = new Gauge({
    name: 'aegis_operator_certificate_end_seconds',
    help: 'When the first of the certificates that a cluster uses ends, in seconds since 1970.',
    labelNames: ['namespace', 'cluster'] as const,
    registers: [this.registry],
  });
  readonly #certificateLife = new Gauge({
    name: 'aegis_operator_certificate_life_seconds',
    help: 'For how long that one is good in all.',
    labelNames: ['namespace', 'cluster'] as const,
    registers: [this.registry],
  });
  readonly leading = new Gauge({
    name: 'aegis_operator_leading',
    help: 'Whether this operator is the one that works.',
    registers: [this.registry],
  });

  /** @param depth how many clusters wait to be looked at, or are */
  constructor(depth: () => number) {
    collectDefaultMetrics({ register: this.registry });
    const queue: Gauge = new Gauge({
      name: 'aegis_operator_queue_depth',
      help: 'Clusters that wait to be looked at, or are being looked at.',
      registers: [this.registry],
      collect: () => queue.set(depth()),
    });
  }

  /** @param ending the certificate of the cluster that ends first */
  certificates(cluster: { namespace: string; cluster: string }, ending: Span | undefined): void {
    const gauges = [this.#certificateEnd, this.#certificateLife];
    if (ending === undefined) for (const gauge of gauges) gauge.remove(cluster);
    else {
      this.#certificateEnd.set(cluster, ending.endMs / 1000);
      this.#certificateLife.set(cluster, (ending.endMs - ending.startMs) / 1000);
    }
  }
}
