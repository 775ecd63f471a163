/** Gives a range of PromQL for so many seconds, such as `[5m]`: times can be shortened for a run that cannot wait. */
export type Over = (seconds: number) => string;

/** Numbers of a series, in the notation of `promtool test rules`: `0+10x20` is 0, 10, … 200. */
export type Series = Readonly<Record<string, string>>;

/** What a rule's unit test shows Prometheus, one value every 15 seconds. */
export interface RuleCase {
  readonly series: Series;
  /** Minutes after the first value at which alerts are looked at. */
  readonly atMinutes: number;
}

/** What makes the alert fire on live processes (`make monitoring`). */
export type Trigger =
  /** A trace of client/chaos against the cluster that is up. */
  | { readonly kind: 'trace'; readonly name: string }
  /** The same, on a cluster with the trace's settings and these. */
  | {
      readonly kind: 'trace-with-settings';
      readonly name: string;
      readonly settings?: Readonly<Record<string, number>>;
    }
  /** What the ops plane is made of, or goes by, stands still, is away or does not do what it should. */
  | { readonly kind: 'stop'; readonly what: Stopped }
  /** Two replicas of four are of a build that applies a command differently. */
  | { readonly kind: 'states-differ' };

export type Stopped =
  'agent' | 'operator' | 'api-server' | 'most-replicas' | 'supervisor-socket' | 'certificate-renewal';

export interface Alert {
  readonly name: string;
  /** critical: clients are hurt now, or the next fault will hurt them. warning: look at it today. */
  readonly severity: 'critical' | 'warning' | 'info';
  readonly expr: (over: Over) => string;
  /** How long it has to be true. */
  readonly forSeconds: number;
  /** What it counts has its own pace: for a run that cannot wait its times are divided by no more than this. */
  readonly shortenedMax?: number;
  /** One line, with `{{ $labels.x }}` only. */
  readonly summary: string;
  readonly description: string;
  /** A file of this repository. */
  readonly runbook: string;
  readonly trigger: Trigger;
  /** Fires, with these labels beside name and severity. */
  readonly fires: RuleCase & { readonly labels: Readonly<Record<string, string>> };
  /** Close to firing, and does not. */
  readonly silent: RuleCase;
}

/** Alerts that are installed together. */
export interface AlertGroup {
  /** Also the name of its file. */
  readonly name: 'aegis-cluster' | 'aegis-operator' | 'aegis-agent';
  readonly alerts: readonly Alert[];
}

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;

/** A cluster and a member, as rule tests call them. */
export const A_CLUSTER = { namespace: 'shop', cluster: 'locks' } as const;
export const A_MEMBER = { ...A_CLUSTER, instance: 'locks-0' } as const;

/** A series, in the notation of `promtool test rules`. */
function labelled(metric: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${pairs.join(',')}}`;
}

/** The series of a metric of `locks-<ordinal>`, with more labels. */
export function series(metric: string, ordinal = 0, more: Readonly<Record<string, string>> = {}): string {
  return labelled(metric, { job: 'aegis', ...A_CLUSTER, instance: `locks-${ordinal}`, ...more });
}

/** The series of a metric of the one operator or agent, with more labels. */
export function ofProcess(
  job: 'aegis-operator' | 'aegis-agent',
  metric: string,
  more: Readonly<Record<string, string>> = {},
): string {
  return labelled(metric, { job, instance: 'a', ...more });
}

/** The same metric of five members, one list of values each. */
export function five(metric: string, values: readonly [string, string, string, string, string]): Series {
  return Object.fromEntries(values.map((each, ordinal) => [series(metric, ordinal), each]));
}
