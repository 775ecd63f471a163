import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { CLASSES } from '../diagnose/index.js';
import type { Scrape } from '../telemetry/index.js';
import { PHASES, type Phase } from './records.js';
import type { OpenIncident } from './tracker.js';

/** What the agent does over and over besides watching. */
export const DUTIES = ['working', 'following', 'publishing'] as const;
export type Duty = (typeof DUTIES)[number];

/** What the agent tells Prometheus of itself, prefix `aegis_agent_`. Every label has its values from the beginning. */
export class AgentMetrics {
  readonly registry = new Registry();
  readonly #scrapes = new Counter({
    name: 'aegis_agent_scrapes_total',
    help: 'Pages of metrics that the agent asked replicas for, by whether they came.',
    labelNames: ['result'] as const,
    registers: [this.registry],
  });
  readonly #lastRound = new Gauge({
    name: 'aegis_agent_last_round_timestamp_seconds',
    help: 'When the agent last looked at all replicas, in seconds since 1970; 0: not yet.',
    registers: [this.registry],
  });
  readonly #open = new Gauge({
    name: 'aegis_agent_incident_open',
    help: '1 for each class of the incident that is open.',
    labelNames: ['class'] as const,
    registers: [this.registry],
  });
  readonly #incidents = new Counter({
    name: 'aegis_agent_incidents_total',
    help: 'Incidents that this process opened.',
    registers: [this.registry],
  });
  readonly #failures = new Counter({
    name: 'aegis_agent_duty_failures_total',
    help: 'Attempts at a duty that failed and are repeated.',
    labelNames: ['duty'] as const,
    registers: [this.registry],
  });
  readonly #supervisorFailures = new Counter({
    name: 'aegis_agent_supervisor_failures_total',
    help: 'Questions that the supervisor did not answer.',
    registers: [this.registry],
  });

  #looked = false;

  /** @param phases the phase of each recommendation that is kept, asked for at each scrape */
  constructor(phases: () => readonly Phase[]) {
    collectDefaultMetrics({ register: this.registry });
    const recommendations: Gauge = new Gauge({
      name: 'aegis_agent_recommendations',
      help: 'Recommendations that are kept, by phase.',
      labelNames: ['phase'],
      registers: [this.registry],
      collect: () => {
        for (const phase of PHASES) recommendations.set({ phase }, 0);
        for (const phase of phases()) recommendations.inc({ phase });
      },
    });
    for (const result of ['answered', 'missing'] as const) this.#scrapes.inc({ result }, 0);
    for (const duty of DUTIES) this.#failures.inc({ duty }, 0);
    this.#showOpen(undefined);
  }

  /** Whether all replicas were asked at least once. */
  get looked(): boolean {
    return this.#looked;
  }

  /** One round of scrapes, and the incident that is open after it. @param at milliseconds since 1970 */
  round(scrapes: readonly Scrape[], at: number, open: OpenIncident | undefined, opened: boolean): void {
    for (const { reading } of scrapes)
      this.#scrapes.inc({ result: reading === undefined ? 'missing' : 'answered' });
    this.#looked = true;
    this.#lastRound.set(at / 1_000);
    if (opened) this.#incidents.inc();
    this.#showOpen(open);
  }

  dutyFailed(duty: Duty): void {
    this.#failures.inc({ duty });
  }

  supervisorFailed(): void {
    this.#supervisorFailures.inc();
  }

  #showOpen(open: OpenIncident | undefined): void {
    for (const name of CLASSES)
      this.#open.set({ class: name }, open?.classes.includes(name) === true ? 1 : 0);
  }
}
