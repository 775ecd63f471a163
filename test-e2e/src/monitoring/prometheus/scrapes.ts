import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Short beside what is installed, and longer than the stalls of traces: a page that is asked for meanwhile still comes. */
export const SCRAPE_SECONDS = 2;
const EVALUATE_SECONDS = 1;

export type Job = 'aegis' | 'aegis-agent' | 'aegis-operator';
const JOBS: readonly Job[] = ['aegis', 'aegis-agent', 'aegis-operator'];

/** Addresses that belong to one cluster, or to none. */
export interface Targets {
  readonly addresses: readonly string[];
  readonly cluster?: string;
}

/** The configuration of one run: its jobs are those of `monitoring/prometheus.yaml`, and read their targets from files here. */
export class Scrapes {
  readonly #there = new Map<Job, readonly Targets[]>();

  constructor(
    private readonly folder: string,
    ruleFiles: readonly string[],
  ) {
    const scrape_configs = JOBS.map((job) => ({
      job_name: job,
      file_sd_configs: [{ files: [this.#file(job)], refresh_interval: '1s' }],
    }));
    const config = {
      global: {
        scrape_interval: `${SCRAPE_SECONDS}s`,
        scrape_timeout: `${SCRAPE_SECONDS}s`,
        evaluation_interval: `${EVALUATE_SECONDS}s`,
      },
      rule_files: ruleFiles,
      scrape_configs,
    };
    for (const job of JOBS) this.set(job, []);
    // Whatever is JSON is YAML.
    writeFileSync(this.config, JSON.stringify(config));
  }

  get config(): string {
    return join(this.folder, 'prometheus.yaml');
  }

  /** Replaces what is scraped for a job; Prometheus takes it over by itself. */
  set(job: Job, targets: readonly Targets[]): void {
    this.#there.set(job, targets);
    const groups = targets.map(({ addresses, cluster }) => ({
      targets: addresses,
      labels: cluster === undefined ? {} : { cluster },
    }));
    writeFileSync(`${this.#file(job)}.new`, JSON.stringify(groups));
    renameSync(`${this.#file(job)}.new`, this.#file(job));
  }

  add(job: Job, targets: Targets): void {
    this.set(job, [...(this.#there.get(job) ?? []), targets]);
  }

  remove(job: Job, cluster: string): void {
    this.set(
      job,
      (this.#there.get(job) ?? []).filter((each) => each.cluster !== cluster),
    );
  }

  #file(job: Job): string {
    return join(this.folder, `${job}.json`);
  }
}
