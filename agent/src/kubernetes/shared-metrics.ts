import { CLASSES } from '../diagnose/index.js';
import type { DutyMetrics } from '../run/duties.js';
import type { AgentMetrics } from '../run/metrics.js';
import type { OpenIncident } from '../run/tracker.js';

/** One page of metrics for all clusters: a class is open if it is in one of them. */
export class SharedMetrics {
  private readonly open = new Map<string, OpenIncident | undefined>();

  constructor(private readonly metrics: AgentMetrics) {}

  /** @param key of the cluster */
  of(key: string): DutyMetrics {
    const { metrics } = this;
    return {
      round: (scrapes, at, open, opened) => {
        this.open.set(key, open);
        metrics.round(scrapes, at, this.any(), opened);
      },
      dutyFailed: (duty) => metrics.dutyFailed(duty),
      supervisorFailed: () => metrics.supervisorFailed(),
    };
  }

  forget(key: string): void {
    this.open.delete(key);
  }

  private any(): OpenIncident | undefined {
    const all = [...this.open.values()].filter((each) => each !== undefined);
    const [first] = all;
    if (first === undefined) return undefined;
    const classes = CLASSES.filter((name) => all.some((each) => each.classes.includes(name)));
    return { ...first, classes };
  }
}
