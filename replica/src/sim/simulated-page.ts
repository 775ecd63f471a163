import { Counter, Gauge } from 'prom-client';

import { type GaugeSources, pageOf } from '../server/metrics/collect.js';
import { Metrics } from '../server/metrics/metrics.js';
import type { SimulatedEnvironment } from './simulated-environment.js';

/** The page of metrics of one simulated process: the real one, and what can be told of a process that is simulated. */
export class SimulatedPage {
  readonly metrics = new Metrics({ process: false });
  readonly #environment: SimulatedEnvironment;
  readonly #loopMax: Gauge;
  readonly #cpu: Counter;
  #workedMs = 0;
  #sources: Omit<GaugeSources, 'metrics'> | undefined;

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
    const registers = [this.metrics.registry];
    const started = new Gauge({
      name: 'aegis_process_start_time_seconds',
      help: 'When the process began, by the wall clock of its machine',
      registers,
    });
    started.set(environment.wallMs() / 1000);
    this.#loopMax = new Gauge({
      name: 'aegis_nodejs_eventloop_lag_max_seconds',
      help: 'The longest time that the process stood still, or worked on one thing, since the last scrape',
      registers,
    });
    this.#cpu = new Counter({
      name: 'aegis_process_cpu_seconds_total',
      help: 'Work of the process',
      registers,
    });
  }

  /** All of the process is there now. */
  of(sources: Omit<GaugeSources, 'metrics'>): void {
    this.#sources = sources;
  }

  /** Undefined: it has not started yet. */
  text(): Promise<string> | undefined {
    if (this.#sources === undefined) return undefined;
    const { longestMs, workedMs } = this.#environment.takeWork();
    this.#loopMax.set(longestMs / 1000);
    this.#cpu.inc((workedMs - this.#workedMs) / 1000);
    this.#workedMs = workedMs;
    return pageOf({ ...this.#sources, metrics: this.metrics });
  }
}
